%% @doc What goes into a package: metadata, requirements, files. Reads the app's files, writes nothing.
-module(hexide_packaging).

-export([prepare/2, name/1, requirements/2]).

-export_type([package/0, requirement/0]).

-type package() :: #{name := binary(), app := binary(), version := binary(), metadata := hexide_tarball:metadata(),
                     files := [hexide_package_files:file()], requirements := [requirement()],
                     problems := [hexide_error:reason()], warnings := [hexide_warning:warning()]}.
%% `problems': what could not be read, each with its `key'; its place in the metadata holds nothing then.

-type requirement() :: #{package := binary(), app := binary(), requirement := binary(), optional := boolean(),
                         repository => binary()}.

%% @doc The package of an app. `Siblings' are all apps of the project: one that this app needs at run time
%% becomes a requirement, even where no build file says so. An app with a `source' has it in its metadata.
-spec prepare(hexide_context:app(), [hexide_context:app()]) -> package().
prepare(#{name := App, version := Version, details := Details} = Facts, Siblings) ->
    {Name, Unnamed} = read(fun() -> binary(pkg_name, proplists:get_value(pkg_name, Details, App)) end, App),
    {Description, Undescribed} = read(fun() -> string:trim(binary(description, described(Details))) end, <<>>),
    {Licenses, Unlicensed} = read(fun() -> [binary(licenses, Each) || Each <- list(licenses, Details)] end, []),
    {Links, Unlinked} = read(fun() -> links(Details) end, #{}),
    {Requirements, Unmet} = requirements_read(Facts, Siblings),
    {{Files, Absent}, Unselected} = read(fun() -> selected(hexide_package_files:select(Facts)) end, {[], []}),
    {Tools, Unbuilt} = read(fun() -> [binary(build_tools, Each) || Each <- tools(Facts, Files)] end, [<<"rebar3">>]),
    {Extra, Unexplained} = read(fun() -> extra(Details) end, #{}),
    Metadata = #{<<"name">> => Name, <<"app">> => App, <<"version">> => Version,
                 <<"description">> => Description, <<"licenses">> => Licenses, <<"links">> => Links,
                 <<"files">> => [Path || {Path, _} <- Files], <<"build_tools">> => Tools,
                 <<"requirements">> => maps:from_list([required(Each) || Each <- Requirements])},
    #{name => Name, app => App, version => Version, files => Files,
      metadata => with_source(Facts, more(Facts, Extra, Metadata)), requirements => Requirements,
      problems => Unnamed ++ Undescribed ++ Unlicensed ++ Unlinked ++ Unbuilt ++ Unmet ++ Unselected
                      ++ Unexplained,
      warnings => [#{kind => unmatched, path => Each,
                     message => <<"files names `", Each/binary, "`, which matches nothing">>} || Each <- Absent]}.

%% A value, or what is wrong with it: one mistake must not hide the next.
read(Read, Otherwise) ->
    try
        {Read(), []}
    catch
        throw:{refused, Reason} -> {Otherwise, [Reason]}
    end.

%% What only Mix's packages have.
more(Facts, Extra, Metadata) ->
    Elixir = [{<<"elixir">>, Elixir} || #{mix_exs := #{elixir := <<_/binary>> = Elixir}} <- [Facts]],
    maps:merge(Metadata, maps:from_list(Elixir ++ [{<<"extra">>, Extra} || map_size(Extra) > 0])).

extra(Details) ->
    case proplists:get_value(extra, Details, #{}) of
        #{} = Extra -> Extra;
        _ -> refuse(bad_metadata, <<"extra">>, ["`extra` in the .app.src file must be a map"])
    end.

with_source(#{source := #{url := Url, ref := Ref}}, Metadata) ->
    Source = #{<<"type">> => <<"git">>, <<"url">> => Url, <<"ref">> => Ref},
    Metadata#{<<"extra">> => maps:merge(maps:get(<<"extra">>, Metadata, #{}), #{<<"source">> => Source})};
with_source(_, Metadata) ->
    Metadata.

%% @doc The name of the app's package: `pkg_name' of its `.app.src', or its own.
-spec name(hexide_context:app()) -> binary().
name(#{name := App, details := Details}) ->
    hexide_text:binary(proplists:get_value(pkg_name, Details, App)).

%% @doc What the package requires. What is written in the build file counts; where nothing is written, the
%% locked version or that of the sibling, or later ones that are compatible.
-spec requirements(hexide_context:app(), [hexide_context:app()]) ->
          {ok, [requirement()]} | {error, hexide_failure:failure()}.
requirements(Facts, Siblings) ->
    case requirements_read(Facts, Siblings) of
        {Requirements, []} -> {ok, Requirements};
        {_, [Problem | _]} -> {error, Problem}
    end.

requirements_read(#{name := Name, dependencies := Dependencies, locks := Locks, details := Details}, Siblings) ->
    Named = [App || #{app := App} <- Dependencies],
    {Applications, Unread} = read(fun() -> applications(Details) end, []),
    Unnamed = [#{app => App, package => name(Sibling), requirement => undefined, source => hex}
               || #{name := App} = Sibling <- Siblings, App =/= Name, lists:member(App, Applications),
                  not lists:member(App, Named)],
    Each = [read(fun() -> [requirement(Dependency, Locks, Siblings)] end, []) || Dependency <- Dependencies ++ Unnamed],
    {Requirements, Problems} = lists:unzip(Each),
    {lists:append(Requirements), Unread ++ lists:append(Problems)}.

applications(Details) ->
    [hexide_text:binary(Each) || Key <- [applications, included_applications], Each <- list(Key, Details)].

requirement(#{app := App, source := Source}, _, _) when Source =/= hex ->
    refuse(bad_metadata, App, ["the dependency ", App, " comes from ", Source, ", not from Hex, so no package can ",
                               "require it"]);
requirement(#{app := App, override := true}, _, _) ->
    refuse(bad_metadata, App, ["the dependency ", App, " has `override: true`, which counts for this project alone ",
                               "and not for those who use the package; take it out"]);
requirement(#{app := App, package := Package, requirement := undefined} = Dependency, Locks, Siblings) ->
    Locked = [Lock || #{app := Each} = Lock <- Locks, Each =:= App],
    Beside = [Version || #{name := Each, version := Version} <- Siblings, Each =:= App],
    case {Locked, Beside} of
        {[#{source := Source} | _], _} when Source =/= hex ->
            refuse(bad_metadata, App, ["the dependency ", App, " is locked to ", Source, ", not to a Hex package"]);
        {[#{version := Version} | _], _} -> compatible(App, Package, Version, Dependency);
        {[], [Version | _]} -> compatible(App, Package, Version, Dependency);
        {[], []} ->
            refuse(bad_metadata, App, ["the dependency ", App, " has neither a version in rebar.config nor one in ",
                                       "rebar.lock; run `rebar3 lock` or write its version"])
    end;
requirement(#{app := App, package := Package, requirement := Requirement} = Dependency, _, _) ->
    case hexide_version:match(<<"1.0.0">>, Requirement) of
        {ok, _} -> required(App, Package, Requirement, Dependency);
        {error, {Code, Details}} ->
            throw({refused, {Code, Details#{key => App,
                                            message => <<"the dependency ", App/binary, " has the requirement `",
                                                         Requirement/binary, "`, which is none">>}}})
    end.

compatible(App, Package, Version, Dependency) ->
    required(App, Package, <<"~> ", Version/binary>>, Dependency).

required(App, Package, Requirement, Dependency) ->
    (maps:with([repository], Dependency))#{package => Package, app => App, requirement => Requirement,
                                           optional => maps:get(optional, Dependency, false)}.

required(#{package := Package, app := App, requirement := Requirement, optional := Optional} = Required) ->
    Elsewhere = maps:from_list([{<<"repository">>, Repository} || #{repository := Repository} <- [Required]]),
    {Package, Elsewhere#{<<"app">> => App, <<"requirement">> => Requirement, <<"optional">> => Optional}}.

described(Details) ->
    proplists:get_value(description, Details, <<>>).

links(Details) ->
    Links = case proplists:get_value(links, Details, []) of
                #{} = Map -> maps:to_list(Map);
                List when is_list(List) -> List;
                _ -> misshaped_links()
            end,
    maps:from_list([labelled(Link) || Link <- Links]).

labelled({Label, Address}) ->
    Url = binary(links, Address),
    case uri_string:parse(Url) of
        #{scheme := Scheme, host := <<_, _/binary>>} when Scheme =:= <<"https">>; Scheme =:= <<"http">> ->
            {binary(links, Label), Url};
        _ ->
            refuse(bad_metadata, <<"links">>, ["the link `", Url, "` is no address: it must begin with https:// or ",
                                               "http://"])
    end;
labelled(_) ->
    misshaped_links().

-spec misshaped_links() -> no_return().
misshaped_links() ->
    refuse(bad_metadata, <<"links">>, ["links must be a list of {\"Name\", \"https://address\"}"]).

tools(#{details := Details} = Facts, Files) ->
    case proplists:get_value(build_tools, Details, usual_tools(Facts, Files)) of
        Tools when is_list(Tools) -> Tools;
        _ -> refuse(bad_metadata, <<"build_tools">>, ["`build_tools` in the .app.src file must be a list"])
    end.

%% As Mix's own client tells them from the files.
usual_tools(#{mix_exs := _}, Files) ->
    Present = [Tool || {Name, Tool} <- [{<<"mix.exs">>, <<"mix">>}, {<<"rebar.config">>, <<"rebar3">>},
                                        {<<"Makefile">>, <<"make">>}], lists:keymember(Name, 1, Files)],
    case Present of
        [] -> [<<"mix">>];
        _ -> Present
    end;
usual_tools(_, _) ->
    [<<"rebar3">>].

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

selected({ok, Files, Absent}) -> {Files, Absent};
selected({error, {Code, Details}}) -> throw({refused, {Code, maps:merge(#{key => <<"files">>}, Details)}}).

-spec refuse(hexide_error:code(), binary(), iodata()) -> no_return().
refuse(Code, Key, Message) ->
    throw({refused, {Code, #{key => Key, message => iolist_to_binary(Message)}}}).
