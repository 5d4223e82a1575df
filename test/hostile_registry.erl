%% A registry that repeats what it was told, or talks nonsense. One request a connection.
-module(hostile_registry).

-export([start/1, stop/1, url/1, echo/2, cut_echo/1, garbage/1, page/1, redirect/1, tokens/1]).

%% `Answer' makes a reply of the request as it came.
start(Answer) ->
    listener:start(fun(Socket) -> serve(Socket, Answer, <<>>) end).

stop(Server) -> listener:stop(Server).

url(Server) -> listener:url(Server).

serve(Socket, Answer, Request) ->
    case complete(Request) of
        true ->
            _ = gen_tcp:send(Socket, Answer(Request)),
            gen_tcp:close(Socket);
        false ->
            case gen_tcp:recv(Socket, 0, 10_000) of
                {ok, More} -> serve(Socket, Answer, <<Request/binary, More/binary>>);
                {error, _} -> gen_tcp:close(Socket)
            end
    end.

complete(Request) ->
    case binary:split(Request, <<"\r\n\r\n">>) of
        [Head, Body] ->
            case re:run(Head, "content-length: ([0-9]+)", [caseless, {capture, all_but_first, binary}]) of
                {match, [Length]} -> byte_size(Body) >= binary_to_integer(Length);
                nomatch -> true
            end;
        _ -> false
    end.

%% What it was told, on one line and without what JSON would have to escape. A tarball is not repeated.
told(Request) ->
    << <<(plain(Byte))>> || <<Byte>> <= binary:part(Request, 0, min(2000, byte_size(Request))) >>.

plain(Byte) when Byte < $\s; Byte > $~; Byte =:= $"; Byte =:= $\\ -> $\s;
plain(Byte) -> Byte.

%% Everything again, in every place where a client looks: `fields' in the field errors, else in the message.
echo(Status, Place) ->
    fun(Request) ->
        Told = told(Request),
        Fields = case Place of
                     fields -> ["\"errors\":{\"field\":[\"", Told, "\"],\"", Told, "\":{\"deep\":\"", Told, "\"}},"];
                     message -> ""
                 end,
        json(Status, ["x-hex-message: ", Told, "\r\netag: ", Told, "\r\nwww-authenticate: Basic realm=\"", Told,
                      "\"\r\nretry-after: 0\r\n"],
             ["{", Fields, "\"message\":\"", Told, "\",\"error\":\"", Told, "\",\"error_description\":\"", Told, "\"}"])
    end.

%% Again, but so late in a long message that a client which shortens it cuts a secret in two.
cut_echo(Secrets) ->
    fun(Request) ->
        case [Secret || Secret <- Secrets, binary:match(Request, Secret) =/= nomatch] of
            [Secret | _] -> json(422, "", ["{\"message\":\"", lists:duplicate(480, $x), Secret, "\"}"]);
            [] -> json(422, "", "{}")
        end
    end.

%% No HTTP at all.
garbage(Request) ->
    [0, 255, told(Request), "\r\n\r\n"].

%% Success, with a page in place of an answer.
page(Request) ->
    answer(200, "content-type: application/json\r\n", ["<html>", told(Request)]).

%% Elsewhere, by an address that says it again.
redirect(Url) ->
    fun(Request) ->
        Told = binary:replace(told(Request), <<" ">>, <<"%20">>, [global]),
        answer(307, ["location: ", Url, "/", Told, "?", Told, "\r\n"], "")
    end.

%% Tokens, in a shape that nobody can use.
tokens(Token) ->
    fun(_) ->
        json(200, "", ["{\"access_token\":\"", Token, "\",\"refresh_token\":{\"x\":\"", Token, "\"},\"expires_in\":\"",
                       Token, "\",\"device_code\":\"", Token, "\",\"secret\":[\"", Token, "\"],\"name\":{\"", Token,
                       "\":1},\"username\":[\"", Token, "\"]}"])
    end.

json(Status, Headers, Body) ->
    answer(Status, ["content-type: application/json\r\n", Headers], Body).

answer(Status, Headers, Body) ->
    ["HTTP/1.1 ", integer_to_list(Status), " Said\r\n", Headers, "connection: close\r\ncontent-length: ",
     integer_to_list(iolist_size(Body)), "\r\n\r\n", Body].
