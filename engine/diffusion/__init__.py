"""The mathematics of diffusion: process, guidance, samplers, windows. It knows no network, scene or user."""
