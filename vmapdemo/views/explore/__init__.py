"""The view Explore: the call, its axes, the arrays, the verdict and the strategies."""
