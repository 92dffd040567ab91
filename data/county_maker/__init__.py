"""The maker of 安禾县, the invented county of the demo."""
