%% @doc Rows about the API: calls to the embedded registry, on loopback.
-module(hexide_bench_api).

-export([rows/0]).

-define(PACKAGE, <<"sample">>).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "GET a package of the API, round trip", unit => us, open => fun get_package/1}].

get_package(_) ->
    case start() of
        {ok, Server} ->
            {ok, #{api_url := Url}} = hexide_server:info(Server),
            ok = publish(Server, Url),
            Ours = #{api_url => Url},
            Theirs = (hexide_bench_reference:config())#{api_url => Url},
            Exchange = exchange(Url),
            {ok, #{ours => fun(_) ->
                               {ok, #{name := Name}} = hexide_package:get(Ours, ?PACKAGE),
                               Name
                           end,
                   theirs => fun(_) ->
                                 {ok, {200, _, #{<<"name">> := Name}}} = r3_hex_api_package:get(Theirs, ?PACKAGE),
                                 Name
                             end,
                   same => fun(One, Other) -> One =:= Other end,
                   floor => {"the bytes, a bare socket", Exchange},
                   close => fun() -> hexide_server:stop(Server) end}};
        {error, Reason} ->
            {skip, Reason}
    end.

%% A library may have been built without the server.
start() ->
    #{level := Level} = logger:get_primary_config(),
    ok = logger:set_primary_config(level, none),
    Started = hexide_server:start_link(#{data_dir => temporary}),
    ok = logger:set_primary_config(level, Level),
    case Started of
        {ok, Server} -> {ok, Server};
        {error, {not_loaded, _}} -> {error, "this library was built without the server"};
        {error, Reason} -> throw({stop, io_lib:format("the embedded registry does not start: ~tP", [Reason, 20])})
    end.

publish(Server, Url) ->
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => <<"bench">>, email => <<"bench@example.org">>}),
    Metadata = #{<<"name">> => ?PACKAGE, <<"app">> => ?PACKAGE, <<"version">> => <<"1.0.0">>,
                 <<"description">> => <<"A package to ask for">>, <<"licenses">> => [<<"Apache-2.0">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{}, <<"files">> => [<<"src/sample.erl">>],
                 <<"links">> => #{<<"Home">> => <<"https://example.org">>}},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"src/sample.erl", <<"-module(sample).\n">>}]),
    {ok, _} = hexide_release:publish(#{api_url => Url, api_key => Key}, Tarball, #{}),
    ok.

%% The same request over one connection that stays open, and nothing done with the answer.
exchange(Url) ->
    #{host := Host, port := Port, path := Path} = uri_string:parse(unicode:characters_to_list(Url)),
    {ok, Socket} = gen_tcp:connect(Host, Port, [binary, {active, false}, {nodelay, true}]),
    Request = ["GET ", Path, "/packages/", ?PACKAGE, " HTTP/1.1\r\nhost: ", Host, ":", integer_to_list(Port),
               "\r\naccept: application/vnd.hex+erlang\r\nuser-agent: bench\r\n\r\n"],
    fun(_) ->
        ok = inet:setopts(Socket, [{packet, http_bin}]),
        ok = gen_tcp:send(Socket, Request),
        {ok, {http_response, _, 200, _}} = gen_tcp:recv(Socket, 0),
        Length = content_length(Socket, 0),
        ok = inet:setopts(Socket, [{packet, raw}]),
        {ok, Body} = gen_tcp:recv(Socket, Length),
        byte_size(Body)
    end.

content_length(Socket, Length) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, {http_header, _, 'Content-Length', _, Value}} -> content_length(Socket, binary_to_integer(Value));
        {ok, {http_header, _, _, _, _}} -> content_length(Socket, Length);
        {ok, http_eoh} -> Length
    end.
