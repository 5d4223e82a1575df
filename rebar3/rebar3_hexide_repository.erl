%% @doc What a project says of a repository, out of all that rebar3 has put into its map. Pure.
-module(rebar3_hexide_repository).

-export([settings/3]).

%% @doc What the project says of a repository: rebar3's map without what it merged from hex.config and
%% what is hex_core's default.
-spec settings(hexide_repository:repo(), hexide_user_file:content(), map()) -> hexide_config:config().
settings(#{name := Name} = Repo, Content, Defaults) ->
    User = section(Name, Content),
    Own = maps:filter(fun(Key, Value) ->
                          not same(Key, Value, User) andalso not same(Key, Value, Defaults)
                      %% rebar3 names its own HTTP client there.
                      end, maps:remove(http_user_agent_fragment, Repo)),
    case Own of
        %% rebar3 up to 3.19 takes the organization for the name; what is signed bears the parent's.
        #{parent := Parent} -> Own#{repo_name => Parent};
        #{} -> Own
    end.

section(Name, Content) ->
    case Content of
        #{Name := #{} = Section} -> Section;
        #{} -> #{}
    end.

same(Key, Value, Map) ->
    case Map of
        #{Key := Same} -> Same =:= Value;
        #{} -> false
    end.
