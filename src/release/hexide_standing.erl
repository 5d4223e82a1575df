%% @doc What a registry has already of a package that is to be published.
-module(hexide_standing).

-export([of_package/2, of_release/4]).

-export_type([standing/0, answer/0]).

-type standing() :: #{state := state(), latest := binary() | undefined}.
%% `latest': the latest version there. In the answers of commands it is `registry'.

-type state() :: new | same | other | unknown.
%% Of this version: it is not there; it is there with the same checksum; with another; nobody knows.

-type answer() :: there | other | absent | unknown.

%% Asking must not keep anybody waiting.
-define(TIMEOUT, 5_000).

%% @doc What is there of this package. Why nobody could tell, where that stands against publishing too.
-spec of_package(hexide_context:context(), hexide_build:summary()) ->
          {standing(), ok | {error, hexide_failure:failure()}}.
of_package(#{interruptible := Interruptible} = Context, #{name := Name, version := Version, checksum := Checksum}) ->
    Ask = fun(Config) -> Interruptible(fun() -> hexide_package:get(briefly(Config), Name) end) end,
    case hexide_session:visit(Context, Ask) of
        {ok, #{releases := Releases} = Package} ->
            Standing = #{state => unknown, latest => maps:get(latest_version, Package, undefined)},
            case [Each || #{version := Each} <- Releases, Each =:= Version] of
                [] -> {Standing#{state := new}, ok};
                [_ | _] -> compared(Context, Name, Version, Checksum, Standing)
            end;
        {error, {not_found, _}} -> {#{state => new, latest => undefined}, ok};
        {error, {Code, _}} = Error -> {#{state => unknown, latest => undefined}, grave(Code, Error)}
    end.

compared(Context, Name, Version, Checksum, Standing) ->
    case of_release(Context, Name, Version, Checksum) of
        there -> {Standing#{state := same}, ok};
        other -> {Standing#{state := other}, ok};
        absent -> {Standing#{state := new}, ok};
        unknown -> {Standing, ok}
    end.

%% What is refused now may be allowed to those who publish.
grave(Code, Error) ->
    case lists:member(Code, [connect, tls, timeout, offline, cancelled]) of
        true -> Error;
        false -> ok
    end.

%% @doc Whether that release is there, with that checksum.
-spec of_release(hexide_context:context(), binary(), binary(), binary()) -> answer().
of_release(#{interruptible := Interruptible} = Context, Name, Version, Checksum) ->
    Ask = fun(Config) -> Interruptible(fun() -> hexide_release:get(briefly(Config), Name, Version) end) end,
    case hexide_session:visit(Context, Ask) of
        {ok, #{checksum := Checksum}} -> there;
        {ok, #{checksum := <<_, _/binary>>}} -> other;
        {error, {not_found, _}} -> absent;
        _ -> unknown
    end.

%% And what was there once is no answer.
briefly(#{timeout := Timeout, connect_timeout := Connecting} = Config) ->
    Config#{timeout := min(Timeout, ?TIMEOUT), connect_timeout := min(Connecting, ?TIMEOUT), retries := 0,
            cache_dir => undefined}.
