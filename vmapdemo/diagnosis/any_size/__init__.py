"""The shapes of an accepted call for any sizes, in symbols."""
