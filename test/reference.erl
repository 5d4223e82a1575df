%% The reference implementation that rebar3 carries (`r3_*'), for comparing with.
-module(reference).

-export([load/0, compared/1]).

%% What of a tarball has to be the same where the reference makes it here: all bytes. Since OTP 28 the lines of metadata
%% are broken elsewhere, and its zlib may be another, so then what they say, and the bytes of the archive within.
compared(Tarball) ->
    case list_to_integer(erlang:system_info(otp_release)) of
        Old when Old < 28 -> Tarball;
        _ ->
            {ok, #{metadata := Metadata}} = r3_hex_tarball:unpack(Tarball, memory),
            {ok, Outer} = r3_hex_erl_tar:extract({binary, Tarball}, [memory]),
            {_, Contents} = lists:keyfind("contents.tar.gz", 1, Outer),
            {maps:update_with(<<"files">>, fun lists:sort/1, Metadata), zlib:gunzip(Contents)}
    end.

%% Loads it out of rebar3's archive. When rebar3 runs the tests it is there already.
load() ->
    case code:ensure_loaded(r3_hex_tarball) of
        {module, _} -> true;
        {error, _} ->
            {ok, Sections} = escript:extract(os:find_executable("rebar3"), []),
            {archive, Archive} = lists:keyfind(archive, 1, Sections),
            Wanted = fun({zip_file, Name, _, _, _, _}) -> string:prefix(Name, "rebar/ebin/r3_") =/= nomatch;
                        (_) -> false
                     end,
            {ok, Files} = zip:unzip(Archive, [memory, {file_filter, Wanted}]),
            [{module, _} = code:load_binary(list_to_atom(filename:basename(Name, ".beam")), Name, Beam)
             || {Name, Beam} <- Files],
            true
    end.
