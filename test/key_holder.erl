%% A server that holds a configuration and works with it, as a program's own would.
-module(key_holder).
-behaviour(gen_server).

-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

init(Config) ->
    {ok, Config}.

handle_call(Work, _, Config) when is_function(Work) ->
    {reply, Work(Config), Config}.

handle_cast(Work, Config) ->
    _ = Work(Config),
    {noreply, Config}.

handle_info(Message, Config) ->
    error({no_clause_for, Message, map_size(Config)}).
