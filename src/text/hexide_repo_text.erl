%% @doc The answers of `repo' as text for people. Pure: a map in, text out.
-module(hexide_repo_text).

-export([answer/1]).

%% @doc A list, one repository with the lines for a rebar.config, or what was done.
-spec answer(map()) -> hexide_layout:document().
answer(#{repositories := Repositories, file := File}) ->
    [hexide_table:table(["Repository", "Address", "Key", "From"],
                        [[Name, Url, key(Each), from(Each)]
                         || #{name := Name, repo_url := Url} = Each <- Repositories]),
     "\nYours are kept in ", File, "\n"];
answer(#{repository := #{name := Name, repo_url := Url, api_url := Api, fingerprint := Fingerprint,
                         rebar_config := Lines} = Repository}) ->
    [hexide_table:rows([Row || [_, Value] = Row <- [["Repository", Name], ["Address", Url], ["API", Api],
                                                    ["Public key", Fingerprint], ["Key", key(Repository)],
                                                    ["From", from(Repository)]],
                               Value =/= undefined, Value =/= ""]),
     [["\nIn rebar.config:\n", Lines] || Lines =/= undefined]];
answer(#{name := Name, done := added, file := File, fingerprint := Fingerprint} = Done) ->
    ["Added ", Name, " to ", File, ".\n", signed(Fingerprint), kept(Done)];
answer(#{name := Name, done := changed, fingerprint := Fingerprint} = Done) ->
    ["Changed ", Name, ".\n", signed(Fingerprint), kept(Done)];
answer(#{name := Name, done := removed}) ->
    ["Removed ", Name, " and the key that read it.\n"].

signed(undefined) -> [];
signed(Fingerprint) -> ["Its index must be signed with the key ", Fingerprint, "\n"].

kept(#{auth_key := true}) -> "A key that reads it is kept in hex.config.\n";
kept(_) -> [].

key(#{auth_key := true}) -> "kept";
key(_) -> "".

from(#{from := built_in}) -> "rebar3";
from(#{from := user, used := true}) -> "you";
from(#{from := user}) -> "you, but this project does not use it";
from(#{from := project}) -> "this project".
