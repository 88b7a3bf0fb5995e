//! What PostgreSQL does of the same work: reserve, then post, with balances checked, every commit flushed.
//!
//! The client is PostgreSQL's own `pgbench`, in C. The set-based way takes 500 transfers in one statement and gives up
//! the outcome of each: one bad transfer fails all 500, which favours PostgreSQL.

use std::path::Path;

use meridian_testdata::postgres::Postgres;

const SETTINGS: &str = "fsync = on\nsynchronous_commit = on\nshared_buffers = 512MB\nmax_wal_size = 4GB\n";

const SCHEMA: &str = "
create table account (id bigint primary key, debits_pending bigint not null, debits_posted bigint not null,
    credits_pending bigint not null, credits_posted bigint not null, line bigint not null) with (fillfactor = 50);
create table transfer (id bigint primary key, debit bigint not null, credit bigint not null, amount bigint not null,
    pending bigint, at timestamptz not null default now());
create table pending (id bigint primary key, debit bigint not null, credit bigint not null, amount bigint not null);
create sequence ids cache 1;
insert into account select n, 0, 0, 0, 0, 1000000000000 from generate_series(1, 10000) n;

create function reserve(payer bigint, payee bigint, sum bigint) returns bigint language plpgsql as $$
declare new bigint := nextval('ids');
begin
    update account set debits_pending = debits_pending + sum
        where id = payer and credits_posted + line - debits_posted - debits_pending >= sum;
    if not found then raise 'insufficient funds'; end if;
    update account set credits_pending = credits_pending + sum where id = payee;
    insert into transfer (id, debit, credit, amount) values (new, payer, payee, sum);
    insert into pending values (new, payer, payee, sum);
    return new;
end $$;

create function post(reserved bigint) returns void language plpgsql as $$
declare held pending;
begin
    delete from pending where id = reserved returning * into held;
    if not found then raise 'no such reservation'; end if;
    update account set debits_pending = debits_pending - held.amount, debits_posted = debits_posted + held.amount
        where id = held.debit;
    update account set credits_pending = credits_pending - held.amount, credits_posted = credits_posted + held.amount
        where id = held.credit;
    insert into transfer (id, debit, credit, amount, pending)
        values (nextval('ids'), held.debit, held.credit, held.amount, reserved);
end $$;

create function reserve_many(count int) returns bigint language plpgsql as $$
declare first bigint := nextval('ids') * 1000;
begin
    create temp table if not exists asked (id bigint, debit bigint, credit bigint, amount bigint) on commit delete rows;
    insert into asked select first + n, 1 + n % 2, 3 + (random() * 9997)::bigint % 9997, 1 + n % 100
        from generate_series(1, count) n;
    perform 1 from account where id in (select debit from asked union select credit from asked) order by id for update;
    if exists (select 1 from account join (select debit, sum(amount) as sum from asked group by debit) d on id = d.debit
        where credits_posted + line - debits_posted - debits_pending < d.sum) then raise 'insufficient funds'; end if;
    update account set debits_pending = debits_pending + d.sum
        from (select debit, sum(amount) as sum from asked group by debit) d where id = d.debit;
    update account set credits_pending = credits_pending + c.sum
        from (select credit, sum(amount) as sum from asked group by credit) c where id = c.credit;
    insert into transfer (id, debit, credit, amount) select id, debit, credit, amount from asked;
    insert into pending select id, debit, credit, amount from asked;
    return first;
end $$;

create function post_many(first bigint, count int) returns void language plpgsql as $$
begin
    create temp table if not exists held (id bigint, debit bigint, credit bigint, amount bigint) on commit delete rows;
    with taken as (delete from pending where id > first and id <= first + count returning *)
        insert into held select * from taken;
    perform 1 from account where id in (select debit from held union select credit from held) order by id for update;
    update account set debits_pending = debits_pending - d.sum, debits_posted = debits_posted + d.sum
        from (select debit, sum(amount) as sum from held group by debit) d where id = d.debit;
    update account set credits_pending = credits_pending - c.sum, credits_posted = credits_posted + c.sum
        from (select credit, sum(amount) as sum from held group by credit) c where id = c.credit;
    insert into transfer (id, debit, credit, amount, pending)
        select id + 500, debit, credit, amount, id from held;
end $$;
";

const ONE_BY_ONE: &str = "\\set payer random(1, 2)\n\\set payee random(3, 10000)\n\
select reserve(:payer, :payee, 1) as held \\gset\nselect post(:held);\n";
const SET_BASED: &str = "select reserve_many(500) as first \\gset\nselect post_many(:first, 500);\n";

/// A server for the whole run.
pub(crate) struct Rival(Postgres, tempfile::TempDir);

impl Rival {
    /// Starts it on the disk that is measured; says why not where it cannot.
    pub(crate) fn start(scratch: &Path) -> Result<Self, String> {
        // Its user must be able to reach it: below a temporary directory of its own that everybody may enter.
        let directory = tempfile::tempdir_in(scratch).map_err(|error| error.to_string())?;
        let server = Postgres::primary(directory.path(), "postgres", SETTINGS)?;
        server.sql(SCHEMA)?;
        for (name, script) in [("one.sql", ONE_BY_ONE), ("set.sql", SET_BASED)] {
            std::fs::write(directory.path().join(name), script).map_err(|error| error.to_string())?;
        }
        Ok(Self(server, directory))
    }

    /// Events (reserve or post) a second, one statement each, eight clients, two hot debit accounts.
    pub(crate) fn one_by_one(&self, seconds: u32) -> Result<f64, String> {
        Ok(self.pgbench("one.sql", 8, seconds)? * 2.0)
    }

    /// Events a second, 500 a statement, two hot debit accounts: the better of one client and two.
    pub(crate) fn set_based(&self, seconds: u32) -> Result<f64, String> {
        let one = self.pgbench("set.sql", 1, seconds)?;
        let two = self.pgbench("set.sql", 2, seconds)?;
        Ok(one.max(two) * 1_000.0)
    }

    fn pgbench(&self, script: &str, clients: u32, seconds: u32) -> Result<f64, String> {
        let (port, file) = (self.0.port().to_string(), self.1.path().join(script).display().to_string());
        let (clients, seconds) = (clients.to_string(), seconds.to_string());
        let arguments = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-n", "-f", &file];
        let arguments =
            [&arguments[..], &["-c", &clients, "-j", "1", "-T", &seconds, "-M", "prepared", "postgres"]]
                .concat();
        let told = self.0.tool("pgbench", &arguments)?;
        let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.ok_or_else(|| format!("pgbench: {told}"))
    }
}
