%% @doc Documentation as a generator of it would write it, made up: the same bytes in every run.
-module(hexide_bench_html).

-export([pages/2]).

-define(WORDS, 4000).
-define(SECTIONS, 3000).
-define(INDEX, <<"<!DOCTYPE html>\n<html><body><a href=\"module_0000.html\">module_0000</a></body></html>\n">>).

%% @doc Pages of about that many bytes together, each with so many bytes below its navigation, and an
%% `index.html'. Navigation compresses best: of pages with 40,000 bytes below it a sixth is left, of those
%% with 8,000 an eighth.
-spec pages(pos_integer(), pos_integer()) -> [{Path :: binary(), Content :: binary()}].
pages(Bytes, Page) ->
    {Words, Seed} = lists:mapfoldl(fun word/2, rand:seed_s(exsss, 7), lists:seq(1, ?WORDS)),
    {Sections, Next} = lists:mapfoldl(fun(Number, State) -> section(Number, list_to_tuple(Words), State) end, Seed,
                                      lists:seq(1, ?SECTIONS)),
    [{<<"index.html">>, ?INDEX} | pages(0, Bytes, Page, list_to_tuple(Sections), Next)].

pages(_, Left, _, _, _) when Left =< 0 ->
    [];
pages(Number, Left, Below, Sections, Seed) ->
    Name = io_lib:format("module_~4..0b", [Number]),
    {Body, Next} = body(min(Left, Below), Sections, Seed, []),
    Page = iolist_to_binary([head(Name), Body, "</section></main></body></html>\n"]),
    [{iolist_to_binary([Name, ".html"]), Page} | pages(Number + 1, Left - byte_size(Page), Below, Sections, Next)].

body(Left, _, Seed, Sections) when Left =< 0 ->
    {lists:reverse(Sections), Seed};
body(Left, Sections, Seed, Before) ->
    {Number, Next} = rand:uniform_s(tuple_size(Sections), Seed),
    Section = element(Number, Sections),
    body(Left - byte_size(Section), Sections, Next, [Section | Before]).

head(Name) ->
    ["<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", Name, "</title>\n"
     "<link rel=\"stylesheet\" href=\"dist/html.css\"><script defer src=\"dist/html.js\"></script></head>\n"
     "<body class=\"page-module\"><nav id=\"sidebar\"><ul id=\"modules\" class=\"full-list\">\n",
     [["<li><a href=\"", Each, ".html\" class=\"expand\">", Each, "</a></li>\n"]
      || Number <- lists:seq(0, 60), Each <- [io_lib:format("module_~4..0b", [Number])]],
     "</ul></nav>\n<main class=\"content\"><section id=\"content\">\n<h1>", Name, "</h1>\n"].

%% A function with its arguments, a paragraph and an example.
section(Number, Words, Seed) ->
    {[Name, First, Second, Third], Named} = words(4, Words, Seed),
    {Text, Described} = words(45, Words, Named),
    {Example, Next} = words(8, Words, Described),
    Anchor = [Name, "_", integer_to_list(Number), "/2"],
    {iolist_to_binary(
       ["<section class=\"detail\" id=\"", Anchor, "\">\n<div class=\"detail-header\">\n",
        "<a href=\"#", Anchor, "\" class=\"detail-link\" title=\"Link to this function\" aria-label=\"Link to this "
        "function\"><i class=\"icon-link\" aria-hidden=\"true\"></i></a>\n",
        "<h1 class=\"signature\" translate=\"no\">", Name, "(", First, ", ", Second, ")</h1>\n</div>\n",
        "<div class=\"specs\"><pre translate=\"no\">", Name, "(<a href=\"typespecs.html#basic-types\">", First,
        "</a>(), <a href=\"typespecs.html#basic-types\">", Second, "</a>()) -&gt; {ok, <a href=\"typespecs.html"
        "#basic-types\">", Third, "</a>()} | {error, term()}</pre></div>\n",
        "<section class=\"docstring\"><p>", lists:join(" ", Text), ".</p>\n",
        "<pre><code class=\"makeup erlang\"><span class=\"nc\">", lists:join("</span> <span class=\"n\">", Example),
        "</span></code></pre>\n</section></section>\n"]), Next}.

%% Few words are frequent, most are rare.
words(Count, Words, Seed) ->
    lists:mapfoldl(fun(_, State) ->
                       {Place, Next} = rand:uniform_s(State),
                       {element(1 + trunc(math:pow(tuple_size(Words), Place)) rem tuple_size(Words), Words), Next}
                   end, Seed, lists:seq(1, Count)).

word(_, Seed) ->
    {Length, Next} = rand:uniform_s(9, Seed),
    lists:mapfoldl(fun(_, State) ->
                       {Letter, After} = rand:uniform_s(26, State),
                       {$a + Letter - 1, After}
                   end, Next, lists:seq(0, Length)).
