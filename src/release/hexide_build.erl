%% @doc Tarballs of the project's apps, and what there is to say about them.
-module(hexide_build).

-export([packages/3, package/2, docs/3]).

-export_type([built/0, docs/0, summary/0, demands/0]).

-type built() :: #{package := hexide_packaging:package(), tarball := binary(), checksum := binary(),
                   summary := summary()}.
%% `checksum': the outer checksum.

-type summary() :: #{name := binary(), app := binary(), version := binary(), description := binary(),
                     licenses := [binary()], links := #{binary() => binary()},
                     requirements := [hexide_packaging:requirement()],
                     files := [#{path := binary(), size := non_neg_integer()}], files_size := non_neg_integer(),
                     size := non_neg_integer(), checksum := binary(), inner_checksum := binary(),
                     source => #{url := binary(), ref := binary()}, warnings := [hexide_warning:warning()]}.
%% Sizes in bytes: `files_size' of the files, `size' of the tarball. `source': the commit that it names.

-type demands() :: public | private | undecided.
%% Where the package is for. `undecided': what a public one lacks is worth a warning.

-type docs() :: #{name := binary(), version := binary(), tarball := binary(), summary := docs_summary()}.
-type docs_summary() :: #{name := binary(), version := binary(), files := non_neg_integer(),
                          files_size := non_neg_integer(), size := non_neg_integer()}.

%% rebar3 up to 3.19 refuses to fetch more than this.
-define(OLD_LIMIT, 8388608).

%% @doc The packages of these apps; or all that stands against all of them, in one failure.
-spec packages([hexide_context:app()], hexide_context:context(), demands()) ->
          {ok, [built()]} | {error, hexide_failure:failure()}.
packages(Apps, #{project := #{apps := Siblings}}, Demands) ->
    {Built, Problems} = lists:unzip([assembled(App, Siblings, Demands) || App <- Apps]),
    case lists:append(Problems) of
        [] -> {ok, lists:append(Built)};
        Some -> {error, hexide_metadata_problem:failure(Some)}
    end.

%% @doc The package of one app among its siblings.
-spec package(hexide_context:app(), [hexide_context:app()]) -> {ok, built()} | {error, hexide_failure:failure()}.
package(App, Siblings) ->
    case assembled(App, Siblings, undecided) of
        {[Built], []} -> {ok, Built};
        {_, Problems} -> {error, hexide_metadata_problem:failure(Problems)}
    end.

assembled(#{name := Name} = App, Siblings, Demands) ->
    #{metadata := Metadata, files := Files, problems := Unread} = Package = hexide_packaging:prepare(App, Siblings),
    Own = [hexide_metadata_problem:of_app(Name, Problem) || Problem <- Unread],
    case hexide_release:build(Metadata, Files, #{}) of
        {ok, #{tarball := Tarball, outer_checksum := Checksum} = Created} ->
            case hexide_metadata_problem:find(Name, Tarball) of
                {ok, Found} ->
                    {Forbidding, Lacking} = hexide_metadata_problem:weigh(Demands, Own, Found),
                    Summary = summary(App, Package, Created, Lacking),
                    {[#{package => Package, tarball => Tarball, checksum => Checksum, summary => Summary}], Forbidding};
                {error, Reason} -> {[], Own ++ [hexide_metadata_problem:of_app(Name, Reason)]}
            end;
        {error, Reason} -> {[], Own ++ [hexide_metadata_problem:of_app(Name, Reason)]}
    end.

summary(Facts, #{name := Name, app := App, version := Version, metadata := Metadata, files := Files,
                 requirements := Requirements, warnings := Warnings} = Package,
        #{tarball := Tarball, outer_checksum := Outer, inner_checksum := Inner}, Lacking) ->
    Sizes = [#{path => Path, size => hexide_package_files:size(File)} || {Path, _} = File <- Files],
    Summary = #{name => Name, app => App, version => Version, description => maps:get(<<"description">>, Metadata),
                licenses => maps:get(<<"licenses">>, Metadata), links => maps:get(<<"links">>, Metadata),
                requirements => Requirements, files => Sizes,
                files_size => lists:sum([Size || #{size := Size} <- Sizes]), size => byte_size(Tarball),
                checksum => Outer, inner_checksum => Inner,
                warnings => Lacking ++ Warnings ++ hexide_warning:about(Facts, Package)
                            ++ [#{kind => large_tarball,
                                  message => <<"the tarball is larger than 8 MiB, which older rebar3 does not fetch">>}
                                || byte_size(Tarball) > ?OLD_LIMIT]},
    case Facts of
        #{source := Source} -> Summary#{source => Source};
        #{} -> Summary
    end.

%% @doc The documentation of these apps: of the folder that the options name, else generated, or found where nothing
%% generates it.
-spec docs([hexide_context:app()], hexide_context:context(), hexide_command:options()) ->
          {ok, [docs()]} | {error, hexide_failure:failure()}.
docs(Apps, _, #{doc_dir := Dir}) ->
    each(fun(App) -> docs_of(App, Dir) end, Apps);
docs(Apps, Context, _) ->
    Seen = [{App, hexide_doc_folder:look(App, Context)} || App <- Apps],
    case generated(Apps, Context) of
        ok -> each(fun({App, Folders}) -> found(App, hexide_doc_folder:find(Folders)) end, Seen);
        {error, _} = Error -> Error
    end.

generated(Apps, #{generate_docs := Generate} = Context) ->
    ok = hexide_context:tell(Context, #{event => generating_docs}),
    Generate(Apps);
generated(_, _) ->
    ok.

found(App, {ok, Folder}) -> docs_of(App, Folder);
found(_, {error, _} = Error) -> Error.

docs_of(#{version := Version, dir := AppDir} = App, Dir) ->
    Folder = filename:absname(Dir, AppDir),
    case {filelib:is_regular(filename:join(Folder, "index.html")), hexide_package_files:under(Folder)} of
        {true, {ok, Files}} -> docs_of(hexide_packaging:name(App), Version, Files);
        {true, {error, _} = Error} -> Error;
        {false, _} ->
            Path = hexide_text:path(Folder),
            {error, hexide_failure:failed(<<"there is no index.html in ", Path/binary, "; generate the "
                                            "documentation there, or name another folder with --doc-dir">>)}
    end.

docs_of(Name, Version, Files) ->
    case hexide_tarball:create_docs(Files, #{}) of
        {ok, Tarball} ->
            Sizes = [hexide_package_files:size(File) || File <- Files],
            {ok, #{name => Name, version => Version, tarball => Tarball,
                   summary => #{name => Name, version => Version, files => length(Files),
                                files_size => lists:sum(Sizes), size => byte_size(Tarball)}}};
        {error, _} = Error -> Error
    end.

each(Do, Items) ->
    each(Do, Items, []).

each(_, [], Done) ->
    {ok, lists:reverse(Done)};
each(Do, [Item | Rest], Done) ->
    case Do(Item) of
        {ok, Value} -> each(Do, Rest, [Value | Done]);
        {error, _} = Error -> Error
    end.
