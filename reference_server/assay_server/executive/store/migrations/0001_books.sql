-- What a company recorded. A deployment serves one company, so nothing here has a tenant. Money is in pounds.
create table executive_entries (
  entry_id   text collate "C" primary key,
  kind       text collate "C" not null check (kind in ('recognized', 'booked')),
  entry_date date not null,
  region     text collate "C" not null,
  product    text collate "C" not null,
  amount     numeric(20, 2) not null               -- a correction is an entry of its own, perhaps below 0
);
create index executive_entries_by_date on executive_entries (entry_date);

-- States at the end of a month; `month` is its first day.
create table executive_backlog (
  month   date not null,
  region  text collate "C" not null,
  product text collate "C" not null,
  amount  numeric(20, 2) not null,
  primary key (month, region, product)
);
create table executive_pipeline (like executive_backlog including all);
create table executive_win_rates (
  month date primary key,
  rate  numeric(12, 9) not null check (rate between 0 and 1)
);
create table executive_retention (
  month date primary key,
  rate  numeric(12, 9) not null check (rate >= 0)
);

create table executive_orders (
  order_id   text collate "C" primary key,
  ordered_on date not null,
  region     text collate "C" not null,
  product    text collate "C" not null,
  amount     numeric(20, 2) not null,
  profit     numeric(20, 2) not null,
  recurring  boolean not null                      -- part of what recurs in its month, beside the subscriptions
);
create index executive_orders_by_date on executive_orders (ordered_on);

create table executive_customers (
  customer_id text collate "C" primary key,
  name        text not null,
  risk        float8 not null check (risk between 0 and 1),
  reasons     jsonb not null
);
create index executive_customers_by_risk on executive_customers (risk desc, customer_id);

create table executive_subscriptions (
  subscription_id text collate "C" primary key,
  customer_id     text collate "C" not null,
  region          text collate "C" not null,
  product         text collate "C" not null,
  mrr             numeric(20, 2) not null check (mrr >= 0),
  starts_on       date not null,
  ends_on         date                             -- the first day on which it no longer runs
);
create index executive_subscriptions_by_start on executive_subscriptions (starts_on);
create index executive_subscriptions_by_customer on executive_subscriptions (customer_id);

create table executive_spend (
  spend_id text collate "C" primary key,
  spent_on date not null,
  amount   numeric(20, 2) not null
);
create index executive_spend_by_date on executive_spend (spent_on);

create table executive_uptime (
  service     text collate "C" not null,
  measured_at timestamptz not null,
  ratio       numeric(12, 9) not null check (ratio between 0 and 1),
  primary key (service, measured_at)
);
create index executive_uptime_by_time on executive_uptime (measured_at);

create table executive_alerts (
  alert_id    text collate "C" primary key,
  type        text not null,
  title       text not null,
  description text not null,
  severity    text not null check (severity in ('low', 'medium', 'high')),
  created_at  timestamptz not null
);
create index executive_alerts_by_time on executive_alerts (created_at desc, alert_id);

create table executive_risks (
  risk_id    text collate "C" primary key,
  title      text not null,
  owner      text not null,
  due        date not null,
  mitigation text not null,
  status     text not null
);
create index executive_risks_by_due on executive_risks (due, risk_id);

-- How often anything above changed: servers keep answers of one version.
create table executive_version (
  one     boolean primary key default true check (one),
  version int8 not null
);
insert into executive_version (version) values (0);
