"""Two programs side by side: contracts, differences, and the version number they deserve. Pure."""
