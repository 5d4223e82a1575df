%% @doc What only the metadata inside a release's tarball tells: the sources that it was built from, and from which
%% repositories its dependencies are.
-module(hexide_origin).

-export([read/3, source/1]).

-export_type([origin/0, source/0]).

-type origin() :: #{source := source() | undefined, repositories := #{binary() => binary()}}.
%% `repositories': by dependency, where one is named.

-type source() :: #{type := binary(), url := binary() | undefined, ref := binary() | undefined}.
%% `type': `git' where nothing else is said. `ref': a commit, a tag or a branch.

%% @doc Of the verified tarball, where that can be had: this adds to what the registry's API tells, and where the
%% repository is down, private or has it too large, nothing is added.
-spec read(hexide_config:config(), binary(), binary()) -> origin().
read(Config, Name, Version) ->
    case metadata(Config#{retries => 0}, Name, Version) of
        {ok, #{extra := Extra, requirements := Requirements}} ->
            #{source => source(Extra),
              repositories => maps:from_list([{Package, From} || #{name := Package, repository := From} <- Requirements,
                                                                 is_binary(From)])};
        {error, _} -> #{source => undefined, repositories => #{}}
    end.

metadata(Config, Name, Version) ->
    case hexide_repo:tarball(Config, Name, Version) of
        {ok, Tarball} ->
            case hexide_tarball:metadata(Tarball, Config) of
                {ok, #{metadata := Metadata}} -> {ok, Metadata};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

%% @doc The source that `extra' names: `source' as hexide publishes it (`type', `url', `ref'), or under the other
%% names that people give these; a bare address, too.
-spec source(term()) -> source() | undefined.
source(Extra) ->
    case [Found || Key <- [<<"source">>, <<"git">>, <<"vcs">>, <<"scm">>],
                   #{} = Found <- [described(value([Key], Extra))]] of
        [Source | _] -> Source;
        [] -> undefined
    end.

described(undefined) ->
    undefined;
described(Url) when is_binary(Url) ->
    case text(Url) of
        undefined -> undefined;
        Address -> #{type => <<"git">>, url => Address, ref => undefined}
    end;
described(Said) ->
    Url = value([<<"url">>, <<"git">>, <<"repository">>, <<"repo">>, <<"uri">>], Said),
    Ref = value([<<"ref">>, <<"commit">>, <<"revision">>, <<"rev">>, <<"sha">>, <<"tag">>, <<"branch">>], Said),
    case {text(Url), text(Ref), Url} of
        {undefined, undefined, undefined} -> undefined;
        %% `git' may hold another such map.
        {undefined, undefined, _} -> described(Url);
        {Address, Reference, _} ->
            #{type => case text(value([<<"type">>], Said)) of
                          undefined -> <<"git">>;
                          Type -> Type
                      end, url => Address, ref => Reference}
    end.

%% The first of these keys that there is, in a map or a list of pairs.
value(Keys, Said) when is_map(Said) ->
    value(Keys, maps:to_list(Said));
value(Keys, Said) when is_list(Said) ->
    case [Value || Key <- Keys, {Each, Value} <- Said, Each =:= Key] of
        [Value | _] -> Value;
        [] -> undefined
    end;
value(_, _) -> undefined.

%% What is no text cannot be shown.
text(Value) when is_binary(Value), Value =/= <<>> ->
    case unicode:characters_to_list(Value) of
        Chars when is_list(Chars) -> Value;
        _ -> undefined
    end;
text(_) -> undefined.
