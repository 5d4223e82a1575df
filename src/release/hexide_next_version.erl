%% @doc The version that `cut' raises to: by the part and the pre-release that are named, or that a person picks.
-module(hexide_next_version).

-export([choose/3]).

-define(FLAG, <<"-i major|minor|patch">>).

%% @doc The version after this one, always later. Of the options count `increment' (major, minor or patch, as text) and
%% `pre', the name of a pre-release.
%%
%% A pre-release that leads to what is asked for is not skipped: from 1.1.0-rc.2 the next minor version is 1.1.0.
%% With a name, the next pre-release of that name: 1.1.0-rc.1 after 1.0.0 (minor), 1.1.0-rc.2 after 1.1.0-rc.1,
%% where no part needs to be named. Without a part and without such a pre-release a person is asked.
-spec choose(hexide_context:context(), hexide_command:options(), hexide_version:version()) ->
          {ok, binary()} | {error, hexide_failure:failure()}.
choose(Context, Options, Version) ->
    %% Between two tags, git's version has build metadata, which is no part of the next.
    [Plain | _] = binary:split(hexide_text:binary(Version), <<"+">>),
    case {pre(Options), hexide_version:parse(Plain)} of
        {{error, _} = Error, _} -> Error;
        {_, {error, _} = Error} -> Error;
        {Pre, {ok, Parsed}} -> next(Context, Options, Plain, Parsed, Pre)
    end.

next(_, #{increment := Part}, Version, _, Pre) ->
    hexide_version:bump(Version, part(Part), Pre);
next(_, _, Version, #{pre := <<_, _/binary>> = Present} = Parsed, #{pre := Name} = Pre) ->
    {ok, Next} = hexide_version:bump(Version, patch, Pre),
    {ok, Reached} = hexide_version:parse(Next),
    Core = [major, minor, patch],
    case maps:with(Core, Reached) =:= maps:with(Core, Parsed) of
        true -> {ok, Next};
        false ->
            {error, hexide_failure:usage(<<"cut">>, ["a pre-release `", Name, "` would come before ", Version,
                                                     "; take a name that sorts after ", Present,
                                                     ", or raise a part of the version with ", ?FLAG])}
    end;
next(Context, Options, Version, _, Pre) ->
    Parts = [{Name, Next} || Name <- [<<"major">>, <<"minor">>, <<"patch">>],
                             {ok, Next} <- [hexide_version:bump(Version, part(Name), Pre)]],
    Offers = lists:join(", ", [[Name, " ", Next] || {Name, Next} <- Parts]),
    Prompt = ["Which part of ", Version, " to raise? (", Offers, ")"],
    Question = #{kind => text, prompt => unicode:characters_to_binary(Prompt), flag => ?FLAG},
    case hexide_context:given(Context, Options, increment, Question) of
        {ok, Answer} -> picked(string:lowercase(Answer), Parts);
        {error, _} = Error -> Error
    end.

%% The beginning of a word is enough where no other begins so.
picked(Answer, Parts) ->
    case [Next || {Name, Next} <- Parts, string:prefix(Name, Answer) =/= nomatch] of
        [Next] -> {ok, Next};
        _ ->
            {error, hexide_failure:usage(<<"cut">>, ["`", Answer, "` is none of major, minor and patch; nothing was "
                                                     "changed"])}
    end.

part(<<"major">>) -> major;
part(<<"minor">>) -> minor;
part(<<"patch">>) -> patch.

%% As its first identifier; the number comes after it.
pre(#{pre := Name}) ->
    case {hexide_version:parse(<<"0.0.0-", Name/binary>>), binary:match(Name, <<".">>)} of
        {{ok, #{pre := Name}}, nomatch} -> #{pre => Name};
        _ ->
            {error, hexide_failure:usage(<<"cut">>, ["`", Name, "` cannot name a pre-release: take letters, digits and "
                                                     "hyphens, such as rc, and leave the number out"])}
    end;
pre(_) ->
    #{}.
