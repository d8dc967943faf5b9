"""The serving benchmark: throughput and latency beside other servers, and a set of hostile clients."""
