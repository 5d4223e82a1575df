%% @doc The user's `hex.config', shared with rebar3.
%%
%% It holds one map of Erlang terms: repository names to settings and credentials. Other programs keep
%% their own keys in it; they survive every change made here. Text in it never becomes a new atom: one
%% that this node does not know is read as `{'$atom', Text}' and written back as it was.
-module(hexide_user_file).

-export([read/1, update/2, transaction/2]).

-export_type([content/0]).

-type content() :: #{term() => term()}.
%% Repository names (binaries) to maps. hexide's general settings are under `<<"$hexide">>'.

%% @doc The content; a file that is not there is empty.
-spec read(file:name_all()) -> hexide_job:outcome(content()).
read(Path) ->
    hexide_exception:bare(fun() -> content(Path) end).

content(Path) ->
    case file:read_file(Path) of
        {ok, Text} -> parse(Path, Text);
        {error, enoent} -> {ok, #{}};
        {error, Posix} -> {error, unreadable(Path, Posix)}
    end.

parse(Path, Text) ->
    %% Its words are read as atoms only when it is loaded.
    {module, _} = code:ensure_loaded(hexide_credentials),
    case hexide_nif:term_read(Text) of
        {ok, [Content]} when is_map(Content) -> {ok, Content};
        {ok, []} -> {ok, #{}};
        {ok, _} -> {error, unparsable(Path, <<"it is not one map">>)};
        {error, {_, #{message := Message}}} -> {error, unparsable(Path, Message)}
    end.

%% @doc Changes the file: under a lock that other hexide processes respect, with what it holds at that
%% moment, replaced in one step with mode 0600. A file that does not parse is left as it is.
-spec update(file:name_all(), fun((content()) -> content())) -> hexide_job:outcome().
update(Path, Change) ->
    case transaction(Path, fun(Content) -> {ok, done, Change(Content)} end) of
        {ok, done} -> ok;
        {error, _} = Error -> Error
    end.

%% @doc The same where the change may fail, or has a result of its own. What fails changes nothing.
-spec transaction(file:name_all(), fun((content()) -> {ok, Result, content()} | {error, Reason})) ->
          {ok, Result} | {error, Reason | hexide_error:reason()}.
transaction(Path, Change) ->
    hexide_exception:bare(fun() -> locked(Path, Change) end).

locked(Path, Change) ->
    Name = hexide_text:path(Path),
    case filelib:ensure_dir(Path) of
        ok ->
            case hexide_job:call(fun() -> hexide_nif:file_lock(<<Name/binary, ".lock">>) end, #{}) of
                {ok, Lock} ->
                    try
                        change(Name, Change)
                    after
                        hexide_nif:file_unlock(Lock)
                    end;
                {error, _} = Error -> Error
            end;
        {error, Posix} -> {error, unreadable(Path, Posix)}
    end.

change(Name, Change) ->
    case read(Name) of
        {ok, Content} ->
            case Change(Content) of
                {ok, Result, Content} -> {ok, Result};
                {ok, Result, Changed} -> replace(Name, Changed, Result);
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

replace(Name, Content, Result) ->
    Text = iolist_to_binary([<<"%% coding: utf-8\n">>, hexide_nif:term_write(Content), <<".\n">>]),
    case hexide_job:call(fun() -> hexide_nif:file_replace(Name, Text) end, #{}) of
        ok -> {ok, Result};
        {error, _} = Error -> Error
    end.

unreadable(Path, Posix) ->
    Name = hexide_text:path(Path),
    Why = hexide_text:binary(file:format_error(Posix)),
    {io, #{path => Name, message => <<"cannot read or write ", Name/binary, ": ", Why/binary>>}}.

unparsable(Path, Why) ->
    Name = hexide_text:path(Path),
    {bad_config, #{path => Name, reason => <<"does_not_parse">>,
                   message => <<Name/binary, " does not parse: ", Why/binary>>}}.
