%% @doc What was measured with what, and on what.
-module(hexide_bench_machine).

-export([facts/1, profile/0, priv/0]).

%% @doc In words, one fact each; the argument is the reference's.
-spec facts(string()) -> [string()].
facts(Reference) ->
    ["hexide, " ++ library(), Reference,
     lists:flatten(io_lib:format("OTP ~ts, ~b cores, ~ts", [erlang:system_info(otp_release),
                                                           erlang:system_info(logical_processors), system()]))].

%% @doc What the library was built with, as native/build.sh notes it beside the library.
-spec profile() -> string().
profile() ->
    case file:read_file(filename:join(priv(), "hexide_nif.built")) of
        {ok, Built} -> unicode:characters_to_list(string:trim(Built));
        {error, _} -> "unknown profile"
    end.

%% @doc The folder of the library that is measured.
-spec priv() -> file:filename().
priv() ->
    filename:join(filename:dirname(filename:dirname(code:which(hexide_nif))), "priv").

library() ->
    Size = filelib:file_size(filename:join(priv(), "hexide_nif.so")) / 1.0e6,
    lists:flatten(io_lib:format("~ts, ~.1f MB", [profile(), Size])).

system() ->
    {_, Name} = os:type(),
    [Architecture | _] = string:split(erlang:system_info(system_architecture), "-"),
    atom_to_list(Name) ++ " " ++ Architecture.
