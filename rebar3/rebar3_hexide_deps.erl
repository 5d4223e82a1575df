%% @doc rebar3's ways of writing dependencies and locks, as facts. Pure.
-module(rebar3_hexide_deps).

-export([dependency/1, lock/1]).

%% @doc A dependency of `rebar.config'.
-spec dependency(term()) -> hexide_context:dependency().
dependency({Name, Source, Raw}) when is_tuple(Source), is_list(Raw) -> dependency({Name, Source});
dependency({Name, Version, Source, _}) when is_tuple(Source) -> dependency({Name, Version, Source});
dependency({Name, Version, Source}) when is_tuple(Source) -> sourced(Name, Version, Source);
dependency({Name, Source}) when is_tuple(Source) -> sourced(Name, undefined, Source);
dependency({Name, Version}) -> found(Name, Name, Version, hex);
dependency(Name) when is_atom(Name); is_binary(Name) -> found(Name, Name, undefined, hex);
dependency(Other) ->
    Text = hexide_text:binary(io_lib:format("~0tp", [Other])),
    found(Text, Text, undefined, <<"something unknown">>).

sourced(Name, Version, Source) ->
    case tuple_to_list(Source) of
        [pkg, Package] -> found(Name, Package, Version, hex);
        [pkg, Package, Pinned | _] -> found(Name, Package, first(Version, Pinned), hex);
        [Kind | _] when is_atom(Kind) -> found(Name, Name, undefined, atom_to_binary(Kind));
        _ -> found(Name, Name, undefined, <<"something unknown">>)
    end.

first(undefined, Pinned) -> Pinned;
first(Version, _) -> Version.

found(Name, Package, Version, Source) ->
    #{app => hexide_text:binary(Name), package => hexide_text:binary(Package), source => Source,
      requirement => requirement(Version)}.

%% Newer rebar3 takes lists of strings and atoms too where no version is meant.
requirement(Version) when is_binary(Version), Version =/= <<>> -> Version;
requirement([_ | _] = Version) -> hexide_text:binary(Version);
requirement(_) -> undefined.

%% @doc An entry of `rebar.lock', as rebar3 holds it.
-spec lock(term()) -> {true, hexide_context:lock()} | false.
lock({Name, Source, Level}) when is_tuple(Source), is_integer(Level) ->
    App = hexide_text:binary(Name),
    case tuple_to_list(Source) of
        [pkg, Package, Version | Checksums] ->
            {true, #{app => App, package => hexide_text:binary(Package), version => hexide_text:binary(Version),
                     source => hex, level => Level, checksum => outer(Checksums)}};
        [Kind | _] when is_atom(Kind) ->
            {true, #{app => App, package => App, version => <<>>, source => atom_to_binary(Kind), level => Level,
                     checksum => undefined}};
        _ -> false
    end;
lock(_) ->
    false.

%% The inner one stands before it; a lock of an old rebar3 has only that.
outer([_, <<_, _/binary>> = Checksum | _]) -> string:lowercase(Checksum);
outer(_) -> undefined.
