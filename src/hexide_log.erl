%% @doc What the native side tells of its work: each request of the client.
%%
%% The process that listens receives `{hexide_log, Event}' for each; there is one at a time. Nothing is
%% told while nobody listens, and no event holds a secret.
-module(hexide_log).

-export([listen/0, stop/0]).

-export_type([event/0]).

-type event() :: #{level := debug | info | warning | error, target := binary(), text := binary(),
                   cached_at => binary()}.
%% `target': what it is about, such as `<<"hexide::http">>', which tells of each request as `debug': method,
%% address, status or error, bytes, milliseconds, repetitions. `cached_at': when the reply was fetched, RFC 3339,
%% where it is one that was kept.

%% @doc From now on the calling process is told, and no other.
-spec listen() -> ok.
listen() ->
    hexide_nif:log_listen().

%% @doc Nobody is told any more.
-spec stop() -> ok.
stop() ->
    hexide_nif:log_stop().
