%% The codes of an authenticator: RFC 6238 with SHA-1, six digits, thirty seconds.
-module(totp).

-export([code/2]).

%% The code of a base32 secret at a moment, in seconds since 1970.
code(Base32, Seconds) ->
    <<_:19/binary, _:4, Offset:4>> = Hash = crypto:mac(hmac, sha, bytes(Base32), <<(Seconds div 30):64>>),
    <<_:Offset/binary, _:1, Number:31, _/binary>> = Hash,
    iolist_to_binary(io_lib:format("~6..0b", [Number rem 1_000_000])).

bytes(Base32) ->
    Bits = << <<(digit(Char)):5>> || <<Char>> <= Base32, Char =/= $=, Char =/= $\s >>,
    Whole = bit_size(Bits) div 8,
    <<Bytes:Whole/binary, _/bitstring>> = Bits,
    Bytes.

digit(Char) when Char >= $A, Char =< $Z -> Char - $A;
digit(Char) when Char >= $2, Char =< $7 -> Char - $2 + 26.
