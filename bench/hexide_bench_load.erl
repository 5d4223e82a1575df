%% @doc A registry under load: reads by wrk, a process of its own, and single requests over a bare
%% connection.
-module(hexide_bench_load).

-export([missing/0, read/4, cpu/1, connect/1, close/1, publish/3, fetch/2, reply/1]).

-export_type([load/0, target/0, connection/0]).

-type target() :: {Path :: string(), Step :: pos_integer(), Count :: pos_integer()}.
%% What is read: `%d' in the path is 0, then one step more, and so on, that many numbers; each has its turn.

-type load() :: #{rate := float(), p99 := float(), cpu := float()}.
%% `rate': requests a second. `p99': milliseconds. `cpu': the microseconds of CPU time that the server
%% takes for one.

-type connection() :: #{socket := gen_tcp:socket(), host := string(), key := binary()}.

%% Enough to keep the server busy, few enough to tell nothing about queues alone.
-define(CONNECTIONS, "16").

%% @doc Why nothing can be measured here, if so: what is missing, and what installs it.
-spec missing() -> none | string().
missing() ->
    Missing = [Program || Program <- ["sqlite3", "wrk"], os:find_executable(Program) =:= false],
    case {Missing, cpu(os:getpid())} of
        {[], {ok, _}} -> none;
        {[], unknown} -> "this system does not tell what CPU time a process takes (/proc)";
        {_, _} -> lists:append(["needs ", lists:append(lists:join(" and ", Missing)), ": apt-get install ",
                                lists:append(lists:join(" ", Missing))])
    end.

%% @doc Reads for some seconds. `Pid' is the server's; the script for wrk is written into that folder.
-spec read(string(), target(), string(), {file:filename(), Seconds :: pos_integer()}) -> load().
read(Url, Target, Pid, {Folder, Seconds}) ->
    Script = filename:join(Folder, "read.lua"),
    ok = file:write_file(Script, script(Target)),
    {ok, Before} = cpu(Pid),
    Output = os:cmd(lists:append(["wrk -t1 -c", ?CONNECTIONS, " -d", integer_to_list(Seconds), "s --latency -s '",
                                  Script, "' '", Url, "'"])),
    {ok, After} = cpu(Pid),
    string:find(Output, "Non-2xx") =:= nomatch orelse throw({stop, ["the registry refuses wrk:\n", Output]}),
    Requests = list_to_integer(found(Output, "(\\d+) requests in")),
    #{rate => number(found(Output, "Requests/sec:\\s+([\\d.]+)")),
      p99 => milliseconds(found(Output, "\\n +99%\\s+(\\S+)")),
      cpu => (After - Before) / Requests}.

script({Path, Step, Count}) ->
    Number = integer_to_list(Count),
    ["local at, requests = 0, {}\n",
     "function init()\n",
     "  wrk.headers['user-agent'] = 'bench'\n",
     "  wrk.headers['accept'] = 'application/vnd.hex+erlang'\n",
     "  for i = 0, ", Number, " - 1 do\n",
     "    requests[i] = wrk.format('GET', string.format('", Path, "', i * ", integer_to_list(Step), "))\n",
     "  end\n",
     "end\n",
     "function request()\n",
     %% A prime: every one has its turn, and neighbours do not follow each other.
     "  at = (at + 7919) % ", Number, "\n",
     "  return requests[at]\n",
     "end\n"].

found(Output, Pattern) ->
    case re:run(Output, Pattern, [{capture, all_but_first, list}]) of
        {match, [Found]} -> Found;
        nomatch -> throw({stop, ["wrk says something else than expected:\n", Output]})
    end.

milliseconds(Text) ->
    {match, [Number, Unit]} = re:run(Text, "^([\\d.]+)(us|ms|s)$", [{capture, all_but_first, list}]),
    number(Number) * case Unit of "us" -> 1.0e-3; "ms" -> 1; "s" -> 1.0e3 end.

number(Text) ->
    case string:to_float(Text) of
        {error, no_float} -> float(list_to_integer(Text));
        {Number, _} -> Number
    end.

%% @doc The microseconds of CPU time that a process has taken so far.
-spec cpu(string()) -> {ok, non_neg_integer()} | unknown.
cpu(Pid) ->
    case file:read_file("/proc/" ++ Pid ++ "/stat") of
        {ok, Stat} ->
            %% The name, in brackets, may hold anything. User and system time are the 12th and 13th after it.
            [_, After] = string:split(Stat, ") ", trailing),
            Fields = string:lexemes(After, " "),
            Ticks = lists:sum([binary_to_integer(lists:nth(Field, Fields)) || Field <- [12, 13]]),
            %% Linux shows hundredths of a second, whatever it counts in.
            {ok, Ticks * 10_000};
        {error, _} ->
            unknown
    end.

%% @doc Opens a connection that stays, for the holder of that key.
-spec connect(#{api_url := binary(), api_key := binary(), _ => _}) -> connection().
connect(#{api_url := Url, api_key := Key}) ->
    #{host := Host, port := Port} = uri_string:parse(unicode:characters_to_list(Url)),
    {ok, Socket} = gen_tcp:connect(Host, Port, [binary, {active, false}, {nodelay, true}]),
    #{socket => Socket, host => Host ++ ":" ++ integer_to_list(Port), key => Key}.

%% @doc Closes it.
-spec close(connection()) -> ok.
close(#{socket := Socket}) ->
    gen_tcp:close(Socket).

%% @doc Publishes a release; the milliseconds until it is acknowledged.
-spec publish(connection(), string(), string()) -> float().
publish(#{key := Key} = Connection, Name, Version) ->
    Tarball = tarball(unicode:characters_to_binary(Name), unicode:characters_to_binary(Version)),
    {201, Took, _} = exchange(Connection, "POST", "/api/publish", ["authorization: ", Key, "\r\n"], Tarball),
    Took.

tarball(Name, Version) ->
    Metadata = #{<<"name">> => Name, <<"app">> => Name, <<"version">> => Version,
                 <<"description">> => <<"A package to be published">>, <<"licenses">> => [<<"Apache-2.0">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{},
                 <<"files">> => [<<"src/sample.erl">>], <<"links">> => #{<<"Home">> => <<"https://example.org">>}},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"src/sample.erl", <<"-module(sample).\n">>}]),
    Tarball.

%% @doc Fetches a path; the milliseconds it took.
-spec fetch(connection(), string()) -> float().
fetch(Connection, Path) ->
    {200, Took, _} = exchange(Connection, "GET", Path, "", ""),
    Took.

exchange(#{socket := Socket, host := Host}, Method, Path, Headers, Body) ->
    Request = [Method, " ", Path, " HTTP/1.1\r\nhost: ", Host, "\r\nuser-agent: bench\r\n",
               "accept: application/vnd.hex+erlang\r\n", Headers,
               "content-length: ", integer_to_list(iolist_size(Body)), "\r\n\r\n", Body],
    ok = inet:setopts(Socket, [{packet, http_bin}]),
    Start = erlang:monotonic_time(microsecond),
    ok = gen_tcp:send(Socket, Request),
    {Status, Answer} = reply(Socket),
    {Status, (erlang:monotonic_time(microsecond) - Start) / 1000, Answer}.

%% @doc Reads a reply from a socket that reads HTTP: its status and its body.
-spec reply(gen_tcp:socket()) -> {pos_integer(), binary()}.
reply(Socket) ->
    {ok, {http_response, _, Status, _}} = gen_tcp:recv(Socket, 0),
    Length = content_length(Socket, 0),
    ok = inet:setopts(Socket, [{packet, raw}]),
    {ok, Body} = case Length of
                     0 -> {ok, <<>>};
                     _ -> gen_tcp:recv(Socket, Length)
                 end,
    {Status, Body}.

content_length(Socket, Length) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, {http_header, _, 'Content-Length', _, Value}} -> content_length(Socket, binary_to_integer(Value));
        {ok, {http_header, _, _, _, _}} -> content_length(Socket, Length);
        {ok, http_eoh} -> Length
    end.
