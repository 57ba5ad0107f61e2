-- Every key begins with the tenant, so that all tables of tenants can be distributed by it.
alter table backfills drop constraint backfills_pkey, add primary key (tenant_id, range_start, range_end);
