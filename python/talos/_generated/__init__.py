# Generated from contracts/ by `cargo run -p talos-codegen`; do not edit.
"""What follows from the contracts."""
