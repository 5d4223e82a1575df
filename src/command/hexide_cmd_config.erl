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

shown(#{repository := Repository, user_file := File} = Context, Entries) ->
    #{repository => Repository, file => hexide_text:binary(File),
      settings => [begin
                       {Value, Source} = value(Context, Key),
                       #{key => Key, value => masked(Entry, Value), source => Source, help => Help}
                   end || #{key := Key, help := Help} = Entry <- Entries]}.

%% What signs in is no setting of the file, but it counts.
value(#{config := Config, sources := Sources} = Context, Key) ->
    case {Key, Config} of
        {api_key, #{api_key := undefined}} ->
            case hexide_session:kind(Context) of
                nobody -> {undefined, default};
                _ -> {?MASK, user}
            end;
        {_, _} -> {maps:get(Key, Config, undefined), maps:get(Key, Sources, default)}
    end.

masked(_, undefined) -> undefined;
masked(#{secret := true}, _) -> ?MASK;
masked(#{type := Type}, Url) when Type =:= proxy; Type =:= url -> without_password(hexide_config:reveal(Url));
masked(_, Value) -> Value.

%% Addresses of proxies may carry a password, which may have any character in it when it was typed by hand.
without_password(Url) ->
    re:replace(Url, "^([^/]*//[^/@:]*):.*@", "\\1:********@", [{return, binary}, dotall]).

set(#{repository := Repository, user_file := File} = Context, #{key := Key, type := Type} = Entry, Text) ->
    case hexide_config:convert(Type, Text) of
        {ok, Value} ->
            Section = section(Key, Repository),
            Kept = case Key of
                       api_key -> hexide_session:keep_key(Context, Text, undefined);
                       _ -> change(File, Section, fun(Own) -> Own#{Key => hexide_config:reveal(Value)} end)
                   end,
            case Kept of
                ok -> {ok, #{key => Key, value => masked(Entry, Value), repository => Section,
                             file => hexide_text:binary(File), done => set}};
                {error, _} = Error -> Error
            end;
        error ->
            {error, hexide_failure:usage(<<"config">>, ["the value of ", atom_to_binary(Key), " must be ",
                                                        expected(Type)])}
    end.

delete(#{repository := Repository, user_file := File} = Context, #{key := Key}) ->
    Section = section(Key, Repository),
    Deleted = case Key of
                  api_key -> forgotten(hexide_session:sign_out(Context, #{local => true}));
                  _ -> change(File, Section, fun(Own) -> maps:without([Key | classic(Key)], Own) end)
              end,
    case Deleted of
        ok -> {ok, #{key => Key, value => undefined, repository => Section, file => hexide_text:binary(File),
                     done => deleted}};
        {error, _} = Error -> Error
    end.

forgotten({ok, _}) -> ok;
forgotten({error, _} = Error) -> Error.

%% Other names under which older programs may have written it.
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
        <<"oauth_exchange">> -> Repository;
        _ -> <<"$hexide">>
    end.

expected(boolean) -> "true or false";
expected(Url) when Url =:= url; Url =:= proxy -> "an http or https address";
expected({one_of, Choices}) -> lists:join(" or ", [atom_to_list(Choice) || Choice <- Choices]);
expected(bytes) -> "a number of bytes, or infinity";
expected(milliseconds) -> "a number of milliseconds";
expected(count) -> "a number";
expected(_) -> "text".
