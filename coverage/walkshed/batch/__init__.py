"""Many studies: one task each, on one machine or a Dask cluster; a manifest of what is done; a roll-up over all."""

from walkshed.batch.jobs import Job, Province
from walkshed.batch.run import Ended, Planned, run_batch

__all__ = ["Ended", "Job", "Planned", "Province", "run_batch"]
