"""The operations of the contract, one module each."""

from .customers import CustomersAtRisk
from .dashboard import Dashboard
from .events import LogEvent
from .kpis import KpiDetail, UptimeDetail
from .quality_gates import QualityGates

__all__ = ["CustomersAtRisk", "Dashboard", "KpiDetail", "LogEvent", "QualityGates", "UptimeDetail"]
