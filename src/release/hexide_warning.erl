%% @doc What people regret after publishing: found before it, in what goes into a package and around it. Each
%% module `hexide_warning_*' looks at one thing; nothing is changed, and nobody is asked.
-module(hexide_warning).

-export([about/2, named/1]).

-export_type([warning/0]).

-type warning() :: #{kind := kind(), message := binary(), path => binary(), paths => [binary()],
                     line => pos_integer(), key => binary()}.
%% `message': one sentence without its full stop. `path', `paths': the files that it is about, from the app's
%% folder. `line': in that file. `key': of the metadata.

-type kind() :: metadata | unmatched | large_tarball | large_file | missing_file | secret | uncommitted | tagged
              | lock | native | already_published.

%% Bytes of a file that are worth a second look.
-define(LARGE, 1_000_000).
%% So many files are named in one sentence.
-define(NAMED, 5).

%% @doc All that there is to say about the package of an app.
-spec about(hexide_context:app(), hexide_packaging:package()) -> [warning()].
about(App, #{files := Files} = Package) ->
    hexide_warning_secret:about(Files) ++ large(Files) ++ absent(Files) ++ hexide_warning_git:about(App, Package)
        ++ hexide_warning_lock:about(App) ++ hexide_warning_native:about(App, Files).

large(Files) ->
    [#{kind => large_file, path => Path, message => <<Path/binary, " is larger than 1 MB">>}
     || {Path, _} = File <- Files, hexide_package_files:size(File) > ?LARGE].

%% At the top of the package; how people write their names differs.
absent(Files) ->
    Top = [string:lowercase(hd(binary:split(Path, <<"/">>))) || {Path, _} <- Files],
    [#{kind => missing_file, path => Name, message => <<"there is no ", Name/binary, " in the package">>}
     || {Name, Expression} <- [{<<"README">>, "^readme"}, {<<"LICENSE">>, "^(licen[cs]e|copying|unlicense)"},
                               {<<"CHANGELOG">>, "^(change|history|news|release)"}],
        not lists:any(fun(Each) -> re:run(Each, Expression, [{capture, none}]) =:= match end, Top)].

%% @doc Files, in a sentence: the first of them and how many there are.
-spec named([binary(), ...]) -> binary().
named(Paths) when length(Paths) > ?NAMED ->
    iolist_to_binary([lists:join(", ", lists:sublist(Paths, ?NAMED)), " and ",
                      integer_to_list(length(Paths) - ?NAMED), " more"]);
named(Paths) ->
    iolist_to_binary(lists:join(", ", Paths)).
