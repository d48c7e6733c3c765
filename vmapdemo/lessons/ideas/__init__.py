"""Wrong ideas of vmap as code: small wrong models of a call."""
