"""The tables of the index. All of them can be made again from the log."""

from __future__ import annotations

from typing import Final

from dspyreg.model.state import ARCHIVED
from dspyreg.store.measurements import TABLE

SCHEMA: Final = 7
IS_ARCHIVED: Final = f"(stage = '{ARCHIVED}')"  # a query uses the index of ranks if it says this
TABLES: Final = f"""
create table meta (
    schema integer, inode integer, seq integer, id text, hint text, time text);
create table entries (
    seq integer primary key, id text, hint text, time text, latest text, actor text, program text,
    operation text, operation_id text, changed integer, undoes integer, undone_by integer);
create table changes (
    name text, seq integer, value text, primary key (name, seq)) without rowid;
create table newest (prefix text primary key, seq integer) without rowid;
create table versions (
    program text, number integer, label text, document text, content text, stage text, rank text,
    score real, json text, primary key (program, number));
create table deployments (
    program text, environment text, created integer, operation text, number integer,
    primary key (program, environment, created, operation)) without rowid;
{TABLE}
create table digests (
    program text, digest text, number integer, primary key (program, digest, number))
    without rowid;
"""
INDEXES: Final = f"""
create index entries_program on entries (program, seq);
create index entries_operation on entries (operation_id);
create index versions_stage on versions (program, stage, number);
create index versions_rank on versions (program, {IS_ARCHIVED}, rank, number);
create index versions_scores on versions (program, number, score) where score is not null;
create index versions_content on versions (program, content);
create index deployments_number on deployments (program, environment, number, created);
"""
