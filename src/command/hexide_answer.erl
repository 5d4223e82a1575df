%% @doc The shapes of what the commands answer: the one source of docs/schema, by which the tests check every answer
%% that they see. An answer has one of the shapes of its command; keys come and never change their meaning.
-module(hexide_answer).

-export([all/0, schema/1]).

-define(DIALECT, <<"https://json-schema.org/draft/2020-12/schema">>).

%% @doc The names of the schemas: those of the commands, and `error', which any command may answer.
-spec all() -> [binary()].
all() ->
    hexide_command:names() ++ [<<"error">>].

%% @doc The JSON Schema of a command's answers, or of `error'.
-spec schema(binary()) -> hexide_shape:document().
schema(Name) ->
    {Members} = hexide_shape:schema(case [{titled, Title, dated(Name, Shape)} || {Title, Shape} <- shapes(Name)] of
                                        [Shape] -> Shape;
                                        Shapes -> {any_of, Shapes}
                                    end),
    {[{<<"$schema">>, ?DIALECT}, {<<"$id">>, <<Name/binary, ".json">>} | Members]}.

%% What was answered without the network says how old it is.
dated(Name, Shape) when Name =:= <<"error">>; Name =:= <<"help">>; Name =:= <<"server">> -> Shape;
dated(_, Shape) -> Shape#{cached_at => {optional, text}}.

%% Each with what it is the answer to.
shapes(<<"publish">>) -> published() ++ [reverted(<<"publish --revert VERSION">>)];
shapes(<<"docs">>) -> published() ++ [reverted(<<"docs --revert VERSION">>) | read_docs()];
shapes(<<"build">>) ->
    [{<<"build">>, #{packages => {list, maps:merge(summary(), #{path => text})},
                     docs => {list, maps:merge(docs_summary(), #{path => text})}}}];
shapes(<<"cut">>) ->
    Cut = #{name => text, from => text, to => text, tag => text, commit => {nullable, text},
            pushed => {nullable, #{remote => text, branch => text}}},
    [{<<"cut">>, #{cut => Cut, published => {nullable, {any_of, [Shape || {_, Shape} <- published()]}}}}];
shapes(<<"search">>) -> [{<<"search TERM">>, search()}];
shapes(<<"info">>) ->
    [{<<"info">>, #{system => {map, text}, repositories => {list, registry()},
                    commands => {list, summary_of_command()}}},
     {<<"info PACKAGE">>, #{package => package()}}, {<<"info PACKAGE VERSION">>, #{release => release()}}];
shapes(<<"package">>) ->
    [{<<"package fetch PACKAGE">>, #{fetched => #{name => text, version => text, path => text, size => integer,
                                                  checksum => text, unpacked => boolean}}},
     {<<"package diff PACKAGE VERSION VERSION">>,
      #{diff => #{name => text, from => text, to => text, files => {list, changed_file()},
                  metadata => {list, #{key => text, from => {nullable, text}, to => {nullable, text}}}}}}];
shapes(<<"outdated">>) ->
    [{<<"outdated">>, #{dependencies => {list, dependency()}, outdated => integer, hidden => integer}}];
shapes(<<"owner">>) ->
    [{<<"owner list PACKAGE">>, #{package => text, owners => {list, #{username => text, email => {nullable, text},
                                                                      level => {nullable, text}}}}},
     {<<"owner add, remove, transfer">>, #{package => text, user => text,
                                           done => {one_of, [added, removed, transferred]}}},
     {<<"owner packages">>, #{owner => text,
                              packages => {list, #{name => text, repository => {nullable, text},
                                                   latest_version => {nullable, text}, url => {nullable, text},
                                                   html_url => {nullable, text}}}}}];
shapes(<<"retire">>) ->
    [{<<"retire PACKAGE">>, #{name => text, version => text, retired => boolean, reason => {nullable, text},
                              message => {nullable, text}}}];
shapes(<<"user">>) ->
    [{<<"user register">>, #{registered => user()}},
     {<<"user whoami">>, #{user => user(), login => {one_of, [session, stored_key, key, nobody]}}},
     {<<"user auth">>, #{signed_in => #{username => text, repository => text}}},
     {<<"user deauth">>, #{signed_out => #{repository => text, was_signed_in => boolean}}},
     {<<"user reset_password">>, #{reset => #{user => text, sent => boolean, page => text}}} | keys()];
shapes(<<"key">>) -> keys();
shapes(<<"organization">>) ->
    [{<<"organization auth ORG">>, #{authorized => #{organization => text, repository => text}}},
     {<<"organization deauth ORG">>, #{deauthorized => #{organization => text, repository => text,
                                                         was_authorized => boolean}}},
     {<<"organization list">>,
      #{organizations => {list, #{name => text, authorized => boolean,
                                  billing_active => {optional, {nullable, boolean}},
                                  seats => {optional, {nullable, integer}},
                                  inserted_at => {optional, {nullable, text}},
                                  updated_at => {optional, {nullable, text}}}}}},
     {<<"organization members list ORG">>,
      #{organization => text,
        members => {list, #{username => text, email => {nullable, text}, role => {nullable, text}}}}},
     {<<"organization members add, role, remove">>,
      #{organization => text, member => text, done => text, role => {nullable, text}}},
     {<<"organization audit-log ORG">>, #{organization => text, log => {list, {map, anything}}}} | keys()];
shapes(<<"repo">>) ->
    [{<<"repo list">>, #{repositories => {list, repository()}, file => text}},
     {<<"repo show NAME">>, #{repository => repository()}},
     {<<"repo add, set, remove">>, #{name => text, done => {one_of, [added, changed, removed]}, file => text,
                                     fingerprint => {nullable, text}, auth_key => boolean}}];
shapes(<<"config">>) ->
    [{<<"config">>, #{repository => {nullable, text}, file => text,
                      settings => {list, #{key => text, value => anything, help => text,
                                           source => {one_of, [option, environment, project, user, default]}}}}},
     {<<"config KEY VALUE">>, #{key => text, value => {optional, anything}, repository => {nullable, text},
                                file => text, done => {one_of, [set, deleted]}}}];
shapes(<<"server">>) ->
    Server = #{url => text, api_url => text, repo_url => text, docs_url => text, port => integer, fingerprint => text,
               public_key => text, data_dir => text, repository => text},
    [{<<"server">>, #{server => Server, rebar_config => text,
                      user => {nullable, #{username => text, password => {nullable, text}, key => {nullable, text}}}}}];
shapes(<<"help">>) ->
    [{<<"help">>, #{commands => {list, summary_of_command()},
                    exit_codes => {list, #{code => integer, means => text}}}},
     {<<"help COMMAND">>, #{command => #{name => text, summary => text, forms => {list, text}, notes => {list, text},
                                         examples => {list, text}, options => {list, option()}}}}];
shapes(<<"error">>) ->
    [{<<"what any command answers that fails">>, #{error => failure()}}].

%% --- publishing

published() ->
    Sent = #{url => {nullable, text}, verified => boolean,
             status => {one_of, [published, already_published]},
             verification => {one_of, [compared, unavailable, skipped]}},
    [{<<"publish">>, #{repository => text, dry_run => {one_of, [false]},
                       packages => {list, maps:merge(summary(), Sent)},
                       docs => {list, maps:merge(docs_summary(), #{location => {nullable, text}})}}},
     {<<"publish --dry-run">>, #{repository => text, dry_run => {one_of, [true]}, packages => {list, summary()},
                                 docs => {list, docs_summary()}}}].

summary() ->
    #{name => text, app => text, version => text, description => text, licenses => {list, text}, links => {map, text},
      requirements => {list, requirement()}, files => {list, #{path => text, size => integer}}, files_size => integer,
      size => integer, checksum => text, inner_checksum => text, warnings => {list, warning()},
      source => {optional, #{url => text, ref => text}},
      registry => {optional, #{state => {one_of, [new, same, other, unknown]}, latest => {nullable, text}}}}.

warning() ->
    #{kind => text, message => text, path => {optional, text}, paths => {optional, {list, text}},
      line => {optional, integer}, key => {optional, text}}.

docs_summary() ->
    #{name => text, version => text, files => integer, files_size => integer, size => integer}.

requirement() ->
    #{package => text, app => {nullable, text}, requirement => {nullable, text}, optional => boolean,
      repository => {optional, text}}.

reverted(Title) ->
    {Title, #{reverted => #{name => text, version => text, what => {one_of, [package, docs]}}}}.

read_docs() ->
    Where = #{name => text, version => text, path => text, index => text},
    [{<<"docs fetch PACKAGE">>, #{fetched => Where#{size => integer}}},
     {<<"docs open PACKAGE">>, #{opened => Where#{url => {nullable, text}, cached => boolean,
                                                  fetched_at => {nullable, text}, browser => boolean}}}].

%% --- looking at packages

search() ->
    #{repositories => {list, text}, more => boolean, failed => {list, maps:merge(failure(), #{repository => text})},
      packages => {list, #{name => text, repository => text, latest_version => {nullable, text},
                           description => {nullable, text},
                           downloads => {nullable, integer}, html_url => {nullable, text}}}}.

registry() ->
    #{name => text, api_url => {nullable, text}, repo_url => {nullable, text}, signed_in => boolean,
      username => {nullable, text}, updated_at => {nullable, text}, public_key => {optional, {nullable, text}}}.

summary_of_command() ->
    #{name => text, summary => text}.

option() ->
    #{long => text, short => {nullable, text}, value => {nullable, text}, help => text}.

package() ->
    maps:merge(addresses(), #{name => text, repository => {nullable, text}, meta => {map, anything}, url => text,
                              latest_version => {nullable, text}, latest_stable_version => {nullable, text},
                              owners => {nullable, {list, {map, anything}}}, downloads => {nullable, {map, integer}},
                              security_advisories => {nullable, {list, {map, anything}}},
                              releases => {list, #{version => text, url => {nullable, text},
                                                   has_docs => {nullable, boolean}, inserted_at => {nullable, text},
                                                   retirement => {nullable, retirement()}}}}).

release() ->
    Publisher = #{username => text, email => {nullable, text}, url => {nullable, text}},
    maps:merge(addresses(), #{name => text, version => text, checksum => {nullable, text}, url => text,
                              has_docs => {nullable, boolean}, meta => {nullable, {map, anything}},
                              retirement => {nullable, retirement()}, publisher => {nullable, Publisher},
                              source => {nullable, #{type => text, url => {nullable, text}, ref => {nullable, text}}},
                              downloads => {optional, anything}, security_advisories => {optional, anything},
                              requirements => {list, (requirement())#{repository => {nullable, text}}}}).

addresses() ->
    #{html_url => {nullable, text}, docs_html_url => {nullable, text}, configs => {map, text},
      inserted_at => {nullable, text}, updated_at => {nullable, text}}.

retirement() ->
    #{reason => text, message => {nullable, text}}.

changed_file() ->
    Edit = #{op => {one_of, [keep, drop, add]}, line => text},
    Hunk = #{old_start => integer, old_lines => integer, new_start => integer, new_lines => integer,
             edits => {list, Edit}},
    #{path => text, change => {one_of, [added, removed, changed]}, binary => boolean, added => integer,
      removed => integer, mode => {nullable, #{from => text, to => text}}, hunks => {optional, {list, Hunk}}}.

dependency() ->
    #{app => text, package => text, source => text, direct => boolean, outdated => boolean,
      state => {one_of, [current, outdated, held_back, not_locked, not_found, not_hex]},
      version => {nullable, text}, newest => {nullable, text}, newest_allowed => {nullable, text},
      requirements => {list, text}, allowed => {nullable, boolean}, retired => {nullable, retirement()},
      advisories => {list, #{id => text, summary => text, html_url => text, severity => {nullable, text}}},
      repository => {nullable, text}}.

%% --- people and keys

user() ->
    #{username => text, email => {nullable, text}, full_name => {nullable, text},
      organizations => {list, #{name => text, role => text}}}.

keys() ->
    Key = #{name => text, permissions => {list, #{domain => text, resource => {nullable, text}}},
            authing_key => {nullable, boolean}, revoke_at => {nullable, text}, inserted_at => {nullable, text},
            last_use => {nullable, {map, anything}}},
    [{<<"key list">>, #{keys => {list, Key}}}, {<<"key get">>, #{key => Key}},
     {<<"key generate">>, #{key => Key#{secret => {nullable, text}}}}, {<<"key remove">>, #{removed => text}}].

repository() ->
    #{name => text, from => {one_of, [built_in, user, project]}, used => boolean, repo_url => {nullable, text},
      api_url => {nullable, text}, public_key => {nullable, text}, fingerprint => {nullable, text},
      auth_key => boolean, rebar_config => {nullable, text}}.

%% --- failures

failure() ->
    Uploads = {optional, {list, #{what => {one_of, [package, docs]}, name => text, version => text}}},
    Details = [command, url, reason, path, key, expected, actual, upload],
    Numbers = [status, retry_after, limit],
    Problems = {optional, {list, #{code => text, app => text, key => {nullable, text}, message => text}}},
    maps:merge(maps:from_list([{Detail, {optional, {nullable, text}}} || Detail <- Details]
                              ++ [{Number, {optional, {nullable, integer}}} || Number <- Numbers]),
               #{code => text, message => text, errors => {optional, anything}, published => Uploads,
                 not_published => Uploads, problems => Problems}).
