"""The app on more than one process: nginx before replicas of it, all under a supervisor."""
