%% @doc What goes into a package: metadata, requirements, files. Reads the app's files, writes nothing.
-module(hexide_packaging).

-export([prepare/2, name/1, requirements/2]).

-export_type([package/0, requirement/0]).

-type package() :: #{name := binary(), app := binary(), version := binary(), metadata := hexide_tarball:metadata(),
                     files := [hexide_package_files:file()], requirements := [requirement()],
                     missing := [binary()], warnings := [binary()]}.
%% `missing': what a public package must have and this one has not.

-type requirement() :: #{package := binary(), app := binary(), requirement := binary(), optional := boolean()}.

-define(MAX_DESCRIPTION, 300).

%% @doc The package of an app. `Siblings' are all apps of the project: one that this app needs at run time
%% becomes a requirement, even where no build file says so.
-spec prepare(hexide_context:app(), [hexide_context:app()]) -> {ok, package()} | {error, hexide_failure:failure()}.
prepare(#{name := App, version := Version, details := Details} = Facts, Siblings) ->
    try
        ok = check_version(App, Version),
        Name = name(Facts),
        ok = check_name(Name),
        Description = string:trim(text(description, Details)),
        ok = check_description(App, Description),
        Requirements = passed(requirements(Facts, Siblings)),
        {Files, Absent} = selected(hexide_package_files:select(Facts)),
        Licenses = [binary(licenses, Each) || Each <- list(licenses, Details)],
        Metadata = #{<<"name">> => Name, <<"app">> => App, <<"version">> => Version,
                     <<"description">> => Description, <<"licenses">> => Licenses,
                     <<"links">> => links(Details), <<"files">> => [Path || {Path, _} <- Files],
                     <<"build_tools">> => build_tools(Details),
                     <<"requirements">> => maps:from_list([required(Each) || Each <- Requirements])},
        {ok, #{name => Name, app => App, version => Version, metadata => Metadata, files => Files,
               requirements => Requirements,
               missing => [<<"a description">> || Description =:= <<>>]
                          ++ [<<"licenses">> || Licenses =:= []],
               warnings => [<<"files names `", Each/binary, "`, which matches nothing">> || Each <- Absent]}}
    catch
        throw:{refused, Reason} -> {error, Reason}
    end.

%% @doc The name of the app's package: `pkg_name' of its `.app.src', or its own.
-spec name(hexide_context:app()) -> binary().
name(#{name := App, details := Details}) ->
    hexide_text:binary(proplists:get_value(pkg_name, Details, App)).

%% @doc What the package requires. What is written in the build file counts; where nothing is written, the
%% locked version or that of the sibling, or later ones that are compatible.
-spec requirements(hexide_context:app(), [hexide_context:app()]) ->
          {ok, [requirement()]} | {error, hexide_failure:failure()}.
requirements(#{name := Name, dependencies := Dependencies, locks := Locks, details := Details}, Siblings) ->
    Named = [App || #{app := App} <- Dependencies],
    Applications = [hexide_text:binary(Each)
                    || Each <- list(applications, Details) ++ list(included_applications, Details)],
    Unnamed = [#{app => App, package => name(Sibling), requirement => undefined, source => hex}
               || #{name := App} = Sibling <- Siblings, App =/= Name, lists:member(App, Applications),
                  not lists:member(App, Named)],
    try
        {ok, [requirement(Dependency, Locks, Siblings) || Dependency <- Dependencies ++ Unnamed]}
    catch
        throw:{refused, Reason} -> {error, Reason}
    end.

requirement(#{app := App, source := Source}, _, _) when Source =/= hex ->
    refuse(bad_metadata, App, ["the dependency ", App, " comes from ", Source, ", not from Hex, so no package can ",
                               "require it"]);
requirement(#{app := App, package := Package, requirement := undefined}, Locks, Siblings) ->
    Locked = [Lock || #{app := Each} = Lock <- Locks, Each =:= App],
    Beside = [Version || #{name := Each, version := Version} <- Siblings, Each =:= App],
    case {Locked, Beside} of
        {[#{source := Source} | _], _} when Source =/= hex ->
            refuse(bad_metadata, App, ["the dependency ", App, " is locked to ", Source, ", not to a Hex package"]);
        {[#{version := Version} | _], _} -> compatible(App, Package, Version);
        {[], [Version | _]} -> compatible(App, Package, Version);
        {[], []} ->
            refuse(bad_metadata, App, ["the dependency ", App, " has neither a version in rebar.config nor one in ",
                                       "rebar.lock; run `rebar3 lock` or write its version"])
    end;
requirement(#{app := App, package := Package, requirement := Requirement}, _, _) ->
    case hexide_version:match(<<"1.0.0">>, Requirement) of
        {ok, _} -> #{package => Package, app => App, requirement => Requirement, optional => false};
        {error, {Code, Details}} ->
            throw({refused, {Code, Details#{key => App,
                                            message => <<"the dependency ", App/binary, " has the requirement `",
                                                         Requirement/binary, "`, which is none">>}}})
    end.

compatible(App, Package, Version) ->
    #{package => Package, app => App, requirement => <<"~> ", Version/binary>>, optional => false}.

required(#{package := Package, app := App, requirement := Requirement, optional := Optional}) ->
    {Package, #{<<"app">> => App, <<"requirement">> => Requirement, <<"optional">> => Optional}}.

check_version(App, Version) ->
    case hexide_version:parse(Version) of
        {ok, #{build := <<>>}} -> ok;
        {ok, _} ->
            refuse(bad_version, App, ["the version ", Version, " of ", App, " has build metadata (after the +), which ",
                                      "no registry takes"]);
        {error, _} -> refuse(bad_version, App, ["the version `", Version, "` of ", App, " is not a version"])
    end.

check_name(Name) ->
    case re:run(Name, "^[a-z][a-z0-9_]+$", [{capture, none}]) of
        match -> ok;
        nomatch ->
            refuse(bad_metadata, <<"pkg_name">>,
                   ["`", Name, "` is no name for a package: use two or more of a-z, 0-9 and _, a letter first; ",
                    "pkg_name in the .app.src file may differ from the app's name"])
    end.

check_description(App, Description) ->
    case string:length(Description) > ?MAX_DESCRIPTION of
        false -> ok;
        true ->
            refuse(bad_metadata, <<"description">>,
                   ["the description of ", App, " is longer than ", integer_to_list(?MAX_DESCRIPTION), " characters"])
    end.

links(Details) ->
    Links = case proplists:get_value(links, Details, []) of
                #{} = Map -> maps:to_list(Map);
                List -> List
            end,
    maps:from_list([labelled(Link) || Link <- Links]).

labelled({Label, Address}) -> {binary(links, Label), binary(links, Address)};
labelled(_) -> refuse(bad_metadata, <<"links">>, ["links must be a list of {\"Name\", \"https://address\"}"]).

build_tools(Details) ->
    [binary(build_tools, Each) || Each <- proplists:get_value(build_tools, Details, [<<"rebar3">>])].

text(Key, Details) ->
    binary(Key, proplists:get_value(Key, Details, <<>>)).

binary(Key, Value) ->
    try
        hexide_text:binary(Value)
    catch
        error:badarg ->
            Name = atom_to_binary(Key),
            refuse(bad_metadata, Name, ["`", Name, "` in the .app.src file must be text"])
    end.

list(Key, Details) ->
    case proplists:get_value(Key, Details, []) of
        List when is_list(List) -> List;
        _ ->
            Name = atom_to_binary(Key),
            refuse(bad_metadata, Name, ["`", Name, "` in the .app.src file must be a list"])
    end.

passed({ok, Requirements}) -> Requirements;
passed({error, Reason}) -> throw({refused, Reason}).

selected({ok, Files, Absent}) -> {Files, Absent};
selected({error, Reason}) -> throw({refused, Reason}).

-spec refuse(hexide_error:code(), binary(), iodata()) -> no_return().
refuse(Code, Key, Message) ->
    throw({refused, {Code, #{key => Key, message => iolist_to_binary(Message)}}}).
