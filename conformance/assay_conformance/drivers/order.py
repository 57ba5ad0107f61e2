"""Reads one list in each of its orders, and in orders that it does not have."""

from __future__ import annotations

import math

from assay_conformance.body_values import items_at
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.pagination import refuse, walk
from assay_conformance.request_plans import allowed_query, annotated


async def drive(context: DriverContext) -> None:
    """Walk the list in each order, with pages small enough that there are several."""
    for operation, order in annotated(context.contract, "x-order"):
        spec = operation.annotations.get("x-pagination")
        if spec is None:
            continue
        largest = spec["size"]["maximum"]
        whole = await walk(context, operation, "the whole list in the default order", size=largest)
        count = sum(len(items_at(page.answer, order["items"]) or ()) for page in whole.pages)
        size = max(spec["size"]["minimum"], min(largest, math.ceil(count / 7)))
        orders = list(order["orders"]) if "parameter" in order else []
        for sort in orders:
            await walk(context, operation, f"the whole list in the order {sort}, in the largest pages", size=largest, sort=sort)
        for sort in (None, *orders):
            await walk(context, operation, f"the whole list in the order {sort or 'by default'}", size=size, sort=sort)
        if "parameter" in order and "invalid" in order:
            first = orders[0]
            wrong = ["no-such-member:asc", first.upper(), f"{first},{first}", f"{first}x", first.split(":")[0]]
            for value in wrong:
                if value not in order["orders"]:
                    query = {**allowed_query(context, operation), order["parameter"]: value}
                    await refuse(context, operation, query, "order/unknown", (order["invalid"],), (order["parameter"],))
