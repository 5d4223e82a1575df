%% @doc Another node as a process of its own, without a network between: for a registry that both sides
%% meet alike, and for what is to be seen of a whole process, such as its memory.
-module(hexide_bench_peer).

-export([start/0, start/1, call/2, stop/1, registry/1]).

-export_type([peer/0, registry/0]).

-type peer() :: pid().

-type registry() :: #{api_url := binary(), repo_url := binary(), repo_name := binary(), repo_public_key := binary(),
                      api_key := binary()}.
%% What hexide's functions and the reference's take, to act as the registry's only user.

%% @equiv start([])
-spec start() -> peer().
start() ->
    start([]).

%% @doc Starts one with the same code and these arguments for `erl'. It ends with this node at the latest.
-spec start([string()]) -> peer().
start(Arguments) ->
    Paths = [Path || Path <- code:get_path(), filename:pathtype(Path) =:= relative orelse not in_otp(Path)],
    {ok, Peer, _} = peer:start(#{connection => standard_io, args => ["+fnu" | Arguments] ++ ["-pa" | Paths]}),
    Peer.

in_otp(Path) ->
    lists:prefix(code:root_dir(), Path).

%% @doc What the function gives there. It must be one of this code, as no code travels.
-spec call(peer(), fun(() -> Result)) -> Result.
call(Peer, Do) ->
    peer:call(Peer, erlang, apply, [Do, []], infinity).

%% @doc Ends it.
-spec stop(peer()) -> ok.
stop(Peer) ->
    peer:stop(Peer).

%% @doc Starts a registry from there.
-spec registry(peer()) -> registry().
registry(Peer) ->
    case call(Peer, fun hidden/0) of
        {ok, Registry} -> Registry;
        {error, Reason} -> throw({stop, io_lib:format("the registry does not start: ~tP", [Reason, 20])})
    end.

%% Its address would be told on the channel between the nodes, or in the table.
hidden() ->
    ok = logger:set_primary_config(level, none),
    case hexide_trial:start(#{user => <<"bench">>}) of
        {ok, #{key := Key, config := Config}} -> {ok, Config#{api_key := Key}};
        {error, _} = Error -> Error
    end.
