%% @doc `config': what counts, where it comes from, and changing hex.config.
-module(hexide_cmd_config).

-export([run/2, is_key/1]).

-define(MASK, <<"********">>).

%% @doc Whether a word names a key of the configuration.
-spec is_key(binary()) -> boolean().
is_key(Word) ->
    case hexide_config:canonical(Word) of
        {ok, _} -> true;
        {error, _} -> false
    end.

%% @doc Answers `#{repository, file, settings => [#{key, value, source, help}]}' or `#{key, value,
%% repository, file, done => set | deleted}'. Secrets are masked.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{delete := true, args := [Name]}) ->
    with_key(Name, fun(Entry) -> delete(Context, Entry) end);
run(_, #{delete := true}) ->
    {error, hexide_failure:usage(<<"config">>, "config --delete needs one key")};
run(Context, #{args := []}) ->
    {ok, shown(Context, hexide_config:keys())};
run(Context, #{args := [Name]}) ->
    with_key(Name, fun(Entry) -> {ok, shown(Context, [Entry])} end);
run(Context, #{args := [Name, Value]}) ->
    with_key(Name, fun(Entry) -> set(Context, Entry, Value) end);
run(_, _) ->
    {error, hexide_failure:usage(<<"config">>, "config takes a key and a value, no more")}.

with_key(Name, Do) ->
    case hexide_config:canonical(Name) of
        {ok, Key} ->
            [Entry] = [Entry || #{key := Each} = Entry <- hexide_config:keys(), Each =:= Key],
            Do(Entry);
        {error, _} ->
            Known = [atom_to_binary(Key) || #{key := Key} <- hexide_config:keys()],
            Hint = case hexide_text:nearest(Name, Known) of
                       {ok, Near} -> ["; did you mean `", Near, "`?"];
                       error -> "; `rebar3 hex config` shows all"
                   end,
            {error, hexide_failure:usage(<<"config">>, ["there is no configuration key `", Name, "`", Hint])}
    end.

shown(#{config := Config, sources := Sources, repository := Repository, user_file := File}, Entries) ->
    #{repository => Repository, file => hexide_text:binary(File),
      settings => [#{key => Key, value => masked(Entry, maps:get(Key, Config, undefined)),
                     source => maps:get(Key, Sources, default), help => Help}
                   || #{key := Key, help := Help} = Entry <- Entries]}.

masked(_, undefined) -> undefined;
masked(#{secret := true}, _) -> ?MASK;
masked(#{type := url}, Url) -> without_password(Url);
masked(_, Value) -> Value.

%% Proxy addresses may carry a password.
without_password(Url) ->
    re:replace(Url, "(://[^/@:]*):[^/@]*@", "\\1:********@", [{return, binary}]).

set(#{repository := Repository, user_file := File}, #{key := Key, type := Type} = Entry, Text) ->
    case hexide_config:convert(Type, Text) of
        {ok, Value} ->
            Section = section(Key, Repository),
            case change(File, Section, fun(Own) -> Own#{Key => Value} end) of
                ok -> {ok, #{key => Key, value => masked(Entry, Value), repository => Section,
                             file => hexide_text:binary(File), done => set}};
                {error, _} = Error -> Error
            end;
        error ->
            {error, hexide_failure:usage(<<"config">>, ["the value of ", atom_to_binary(Key), " must be ",
                                                        expected(Type)])}
    end.

delete(#{repository := Repository, user_file := File}, #{key := Key}) ->
    Section = section(Key, Repository),
    case change(File, Section, fun(Own) -> maps:without([Key | classic(Key)], Own) end) of
        ok -> {ok, #{key => Key, value => undefined, repository => Section, file => hexide_text:binary(File),
                     done => deleted}};
        {error, _} = Error -> Error
    end.

%% Other names under which older programs may have written it.
classic(api_key) -> [key];
classic(repo_url) -> [cdn_url];
classic(_) -> [].

change(File, Section, Change) ->
    hexide_user_file:update(File, fun(Content) ->
                                      Own = case Content of
                                                #{Section := #{} = Settings} -> Settings;
                                                #{} -> #{}
                                            end,
                                      case Change(Own) of
                                          Rest when map_size(Rest) =:= 0 -> maps:remove(Section, Content);
                                          Changed -> Content#{Section => Changed}
                                      end
                                  end).

%% What belongs to one repository is kept with it, the rest in hexide's own section.
section(Key, Repository) ->
    case atom_to_binary(Key) of
        <<"api_", _/binary>> -> Repository;
        <<"repo_", _/binary>> -> Repository;
        <<"username">> -> Repository;
        _ -> <<"$hexide">>
    end.

expected(boolean) -> "true or false";
expected(url) -> "an http or https address";
expected(bytes) -> "a number of bytes, or infinity";
expected(milliseconds) -> "a number of milliseconds";
expected(count) -> "a number";
expected(_) -> "text".
