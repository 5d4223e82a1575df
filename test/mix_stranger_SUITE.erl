%% @doc The registry before Mix's own Hex client: the requests that this client was heard to send are sent again, byte
%% for byte, over a bare socket, and each reply is read by a decoder that the genuine replies were read by first.
%%
%% The client itself is an archive that comes from hex.pm, and so cannot be had here. What it sends and what it was
%% answered is recorded in test/data/hexpm. Only the API key and the host are those of this registry, and the folder of
%% its repository, in place of the recorded ones.
-module(mix_stranger_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([the_decoder_reads_what_was_recorded/1, every_request_is_answered_as_mix_expects/1,
         what_mix_has_is_not_sent_again/1, an_interrupted_conversation_can_be_taken_up/1]).

-define(DEADLINE, 60_000).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 1}}].

-spec all() -> [atom()].
all() ->
    [the_decoder_reads_what_was_recorded, every_request_is_answered_as_mix_expects, what_mix_has_is_not_sent_again,
     an_interrupted_conversation_can_be_taken_up].

-spec init_per_suite([tuple()]) -> [tuple()].
init_per_suite(Config) ->
    true = reference:load(),
    Folder = recordings(filename:dirname(code:which(?MODULE))),
    {ok, Text} = file:read_file(filename:join(Folder, "mix-client.jsonl")),
    {ok, Key} = file:read_file(filename:join(Folder, "public.pem")),
    Exchanges = [json_text:parse(Line) || Line <- string:lexemes(Text, "\n")],
    ?assertEqual(15, length(Exchanges)),
    [{exchanges, Exchanges}, {recorded_key, Key} | Config].

-spec end_per_suite([tuple()]) -> term().
end_per_suite(_) ->
    ok.

-spec the_decoder_reads_what_was_recorded([tuple()]) -> term().
the_decoder_reads_what_was_recorded(Config) ->
    Public = proplists:get_value(recorded_key, Config),
    [ok = accepted(Exchange, recorded(Exchange), <<"hexpm">>, Public) || Exchange <- exchanges(Config)].

-spec every_request_is_answered_as_mix_expects([tuple()]) -> term().
every_request_is_answered_as_mix_expects(Config) ->
    on_registry(fun(Port, Key, Public) ->
                    [begin
                         Reply = replay(Exchange, Port, Key),
                         ok = accepted(Exchange, Reply, <<"hexpm">>, Public),
                         ok = as_recorded(Exchange, Reply)
                     end || Exchange <- exchanges(Config)]
                end).

%% Mix keeps the index by its ETag, and asks with it.
-spec what_mix_has_is_not_sent_again([tuple()]) -> term().
what_mix_has_is_not_sent_again(Config) ->
    on_registry(fun(Port, Key, _) ->
                    {201, _, _} = replay(numbered(2, Config), Port, Key),
                    [begin
                         Exchange = numbered(Number, Config),
                         {200, Headers, _} = replay(Exchange, Port, Key),
                         Tag = maps:get(<<"etag">>, Headers),
                         {304, _, <<>>} = replay(Exchange, Port, Key, [{<<"if-none-match">>, Tag}])
                     end || Number <- [3, 4, 11, 12]]
                end).

-spec an_interrupted_conversation_can_be_taken_up([tuple()]) -> term().
an_interrupted_conversation_can_be_taken_up(Config) ->
    on_registry(fun(Port, Key, _) ->
                    {201, _, _} = replay(numbered(2, Config), Port, Key),
                    %% Published once, and nothing is put in its place without being asked for.
                    {422, _, Body} = replay(numbered(2, Config), Port, Key),
                    ?assertMatch(#{<<"errors">> := _, <<"status">> := 422}, term(Body)),
                    {401, _, _} = replay(numbered(13, Config), Port, <<"0123456789abcdef0123456789abcdef">>),
                    {204, _, <<>>} = replay(numbered(15, Config), Port, Key),
                    {404, _, Error} = replay(numbered(3, Config), Port, Key),
                    ?assertMatch(#{<<"message">> := _, <<"status">> := 404}, term(Error))
                end).

%% --- the registry, prepared as the recorded one was

%% With an organization and packages of alice, as the recorded replies name them.
on_registry(Do) ->
    {ok, Server} = hexide_server:start_link(#{repository => <<"hexpm">>}),
    try
        {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "alice", email => "alice@example.com"}),
        {ok, _} = hexide_server:add_user(Server, #{username => "bob", email => "bob@example.com"}),
        ok = hexide_server:add_organization(Server, "acme", "alice"),
        {ok, #{port := Port, api_url := Api, public_key := Public}} = hexide_server:info(Server),
        _ = [ok = published(#{api_url => Api, api_key => Key}, Name) || Name <- [<<"pkey">>, <<"pre">>, <<"ptok">>]],
        Do(Port, Key, Public)
    after
        hexide_server:stop(Server)
    end.

published(Config, Name) ->
    Metadata = #{name => Name, app => Name, version => <<"0.1.0">>, description => <<"A package">>,
                 licenses => [<<"MIT">>], links => #{}, build_tools => [<<"mix">>], files => [<<"mix.exs">>],
                 requirements => #{}},
    {ok, #{tarball := Tarball}} = hexide_release:build(Metadata, [{<<"mix.exs">>, <<>>}], #{}),
    {ok, _} = hexide_release:publish(Config, Tarball),
    ok.

exchanges(Config) ->
    proplists:get_value(exchanges, Config).

numbered(Number, Config) ->
    [Exchange] = [Exchange || #{<<"n">> := Each} = Exchange <- exchanges(Config), Each =:= Number],
    Exchange.

%% --- requests

replay(Exchange, Port, Key) ->
    replay(Exchange, Port, Key, []).

replay(#{<<"request">> := #{<<"method">> := Method, <<"path">> := Path, <<"headers">> := Headers, <<"body">> := Body}},
       Port, Key, More) ->
    {ok, Socket} = gen_tcp:connect("127.0.0.1", Port, [binary, {active, false}]),
    Lines = [[Name, ": ", value(Name, Value, Key), "\r\n"] || {Name, Value} <- maps:to_list(Headers) ++ More],
    ok = gen_tcp:send(Socket, [Method, " ", here(Path), " HTTP/1.1\r\nhost: 127.0.0.1:", integer_to_list(Port), "\r\n",
                               Lines, "connection: close\r\n\r\n", content(Body)]),
    Reply = read(Socket, <<>>),
    ok = gen_tcp:close(Socket),
    reply(Reply).

here(<<"/cdn/", Path/binary>>) -> <<"/repo/", Path/binary>>;
here(Path) -> Path.

value(<<"authorization">>, _, Key) -> Key;
value(_, Value, _) -> Value.

content(null) -> <<>>;
content(#{<<"base64">> := Encoded}) -> base64:decode(Encoded);
content(#{<<"text">> := Text}) -> Text.

read(Socket, Read) ->
    case gen_tcp:recv(Socket, 0, ?DEADLINE) of
        {ok, More} -> read(Socket, <<Read/binary, More/binary>>);
        {error, closed} -> Read
    end.

reply(Bytes) ->
    [Head, Rest] = binary:split(Bytes, <<"\r\n\r\n">>),
    [<<"HTTP/1.1 ", Status:3/binary, _/binary>> | Lines] = binary:split(Head, <<"\r\n">>, [global]),
    Headers = maps:from_list([{string:lowercase(Name), string:trim(Value)}
                              || Line <- Lines, [Name, Value] <- [binary:split(Line, <<":">>)]]),
    Body = case Headers of
               #{<<"transfer-encoding">> := <<"chunked">>} -> joined(Rest);
               #{} -> Rest
           end,
    {binary_to_integer(Status), Headers, Body}.

joined(Chunks) ->
    [Size, Rest] = binary:split(Chunks, <<"\r\n">>),
    case binary_to_integer(Size, 16) of
        0 -> <<>>;
        Length ->
            <<Chunk:Length/binary, "\r\n", More/binary>> = Rest,
            <<Chunk/binary, (joined(More))/binary>>
    end.

recorded(#{<<"response">> := #{<<"status">> := Status, <<"headers">> := Headers, <<"body">> := Body}}) ->
    {Status, maps:from_list([{Name, Value} || [Name, Value] <- Headers]), content(Body)}.

%% --- what Mix makes of the replies

%% The same kind of reply, with what Mix looks at in it.
as_recorded(Exchange, {Status, Headers, Body}) ->
    {Expected, Then, ThenBody} = recorded(Exchange),
    ?assertEqual(Expected, Status, number(Exchange)),
    [?assert(is_map_key(Name, Headers), {number(Exchange), Name})
     || Name <- [<<"etag">>, <<"location">>], is_map_key(Name, Then)],
    %% The list of Mix's own versions is read whatever it is called.
    ?assert(lists:member(type(Then), [none, type(Headers)]), number(Exchange)),
    case type(Then) of
        <<"application/vnd.hex+erlang", _/binary>> ->
            ?assertEqual([], lacking(term(ThenBody), term(Body)), number(Exchange)),
            ok;
        _ -> ok
    end.

type(Headers) ->
    case Headers of
        #{<<"content-type">> := Type} -> string:trim(hd(binary:split(Type, <<";">>)));
        #{} -> none
    end.

number(#{<<"n">> := Number}) -> Number.

%% Fields that a genuine reply has, of the same kind; lists are of one kind of things.
lacking(Genuine, Ours) when is_map(Genuine), is_map(Ours) ->
    lists:append([case Ours of
                      #{Key := Value} -> [[Key | Path] || Path <- lacking(Each, Value)];
                      #{} -> [[Key]]
                  end || {Key, Each} <- maps:to_list(Genuine), not is_data(Key)]);
lacking([Genuine | _], [Ours | _]) -> lacking(Genuine, Ours);
lacking([_ | _], []) -> [[nothing_in_it]];
lacking(nil, _) -> [];
lacking(_, nil) -> [];
lacking(Genuine, Ours) ->
    case kind(Genuine) =:= kind(Ours) of
        true -> [];
        false -> [[{kind(Ours), instead_of, kind(Genuine)}]]
    end.

%% Versions and names of packages are keys, too.
is_data(Key) ->
    re:run(Key, "^[0-9]+\\.", [{capture, none}]) =:= match.

kind(Value) when is_map(Value) -> map;
kind(Value) when is_list(Value) -> list;
kind(Value) when is_binary(Value) -> text;
kind(Value) when is_boolean(Value) -> boolean;
kind(Value) when is_number(Value) -> number;
kind(_) -> other.

%% The reference implementation reads it, which is the one that Mix's client carries.
accepted(#{<<"request">> := #{<<"path">> := <<"/cdn/installs/", _/binary>>}}, {Status, _, _}, _, _) ->
    ?assertEqual(200, Status),
    ok;
accepted(#{<<"request">> := #{<<"path">> := <<"/cdn/packages/", Name/binary>>}}, {200, Headers, Body}, Repository,
         Public) ->
    ?assert(is_map_key(<<"etag">>, Headers)),
    {ok, Payload} = r3_hex_registry:decode_and_verify_signed(zlib:gunzip(Body), Public),
    {ok, Decoded} = r3_hex_registry:decode_package(Payload, Repository, Name),
    ?assertMatch([#{version := <<"0.1.0">>, outer_checksum := <<_:32/binary>>, inner_checksum := <<_:32/binary>>}],
                 releases(Decoded)),
    ok;
accepted(#{<<"request">> := #{<<"path">> := <<"/cdn/tarballs/", _/binary>>}}, {200, Headers, Body}, _, _) ->
    ?assert(is_map_key(<<"etag">>, Headers)),
    {ok, #{metadata := #{<<"name">> := <<"mix_a">>}}} = r3_hex_tarball:unpack(Body, memory),
    ok;
accepted(_, {204, _, Body}, _, _) ->
    ?assertEqual(<<>>, Body),
    ok;
accepted(_, {Status, Headers, Body}, _, _) when Status =:= 200; Status =:= 201 ->
    ?assertMatch(<<"application/vnd.hex+erlang", _/binary>>, maps:get(<<"content-type">>, Headers)),
    _ = term(Body),
    ok.

releases(#{releases := Releases}) -> Releases;
releases(Releases) -> Releases.

%% Mix decodes no atom that it does not know, no fun and no pid.
term(Body) ->
    binary_to_term(Body, [safe]).

%% --- where the recordings are

%% In the checkout that these tests belong to, at or above this folder.
recordings(Dir) ->
    Folder = filename:join([Dir, "test", "data", "hexpm"]),
    case filelib:is_dir(Folder) of
        true -> Folder;
        false ->
            Above = filename:dirname(Dir),
            ?assertNotEqual(Dir, Above),
            recordings(Above)
    end.
