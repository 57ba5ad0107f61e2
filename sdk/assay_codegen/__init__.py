"""From a contract to typed models and clients."""
