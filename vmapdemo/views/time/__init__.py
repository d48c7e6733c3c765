"""The view Time: measurements, sweeps and the reasons for them."""
