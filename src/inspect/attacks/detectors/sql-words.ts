const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Operators that join conditions. */
export const joins = words('or and xor || && having where when not');

/** Operators that compare. */
export const comparisons = words(
  '= == < > <= >= <> != !< !> <=> := like rlike ilike regexp glob match is in between sounds similar',
);

/** Operators between numbers and texts. */
export const arithmetic = words('+ - * / % ^ ~ | & << >> || :: div mod collate');

/** Operators before an operand. */
export const prefixes = words('+ - ~ ! not binary all any some distinct exists n x b e r q interval');

/** Words that stand for values. */
export const constants = words(
  'null true false current_user current_date current_timestamp session_user user rownum nan',
);

/** Functions that a condition of an injection asks, and that hardly a sentence names with a parenthesis behind. */
export const askedFunctions = words(`
  ascii bin_to_num benchmark char chr char_length coalesce concat concat_ws conv convert_tz count current_user database
  datalength db_name dbms_pipe.receive_message decode elt encode exp extractvalue field find_in_set floor geometrycollection
  greatest group_concat hex host_name if ifnull iif instr is_srvrolemember isnull json_keys last_insert_id lcase left len
  length linestring load_extension load_file locate lower lpad ltrim make_set md5 mid multilinestring multipoint name_const
  nullif nvl object_id ord pg_sleep polygon position power quote quotename rand randomblob rawtohex regexp_instr
  regexp_like repeat replace reverse right row row_count rpad rtrim schema schema_name serverproperty sha sha1 sha2 sleep
  soundex sqlite_version st_latfromgeohash strcmp string_agg stuff substr substring suser_name system_user trim ucase
  unhex unicode updatexml upper user user_name uuid version xmltype xpath cast convert cos sin tan`);

/** Those among them that no other language is full of: they tell where no quote and no number came before. */
export const tellingFunctions = words(`
  ascii benchmark char_length conv dbms_pipe.receive_message elt extractvalue find_in_set gtid_subset group_concat
  is_srvrolemember json_keys last_insert_id load_extension load_file make_set mid name_const nvl object_id ord pg_sleep polygon
  quotename randomblob rawtohex schema_name serverproperty sleep sqlite_version st_latfromgeohash string_agg substr
  substring suser_name system_user unhex updatexml xmltype current_user database version user`);

/** Functions that no caller of a search or a form has a use for. */
export const intrusiveFunctions = words(`
  benchmark extractvalue updatexml load_file load_extension pg_sleep sleep waitfor randomblob xp_cmdshell xp_dirtree
  xp_regread xp_fileexist sp_executesql sp_oacreate sp_oamethod sp_password sp_configure sp_makewebtask
  openrowset opendatasource utl_http.request utl_inaddr.get_host_address utl_inaddr.get_host_name utl_file.fopen
  dbms_pipe.receive_message dbms_lock.sleep dbms_xmlgen.getxml dbms_ldap.init ctxsys.drithsx.sn httpuritype
  gtid_subset gtid_subtract name_const json_keys st_latfromgeohash st_longfromgeohash pg_read_file pg_ls_dir lo_import lo_export
  database_to_xml query_to_xml current_setting db_name suser_name is_srvrolemember system_user`);

/** Catalogues and system tables, also with a column behind. */
export const catalogues =
  /^(?:information_schemas?|pg_catalog|pg_(?:user|shadow|database|tables|class|authid)|mysql|sysobjects|syscolumns|sysusers|sysdatabases|sysibm|syscat|sqlite_(?:master|schema|temp_master)|all_(?:tables|tab_columns|users)|user_(?:tables|tab_columns|objects)|dba_(?:users|tables)|v\$version|msys(?:aces|objects|queries)|rdb\$\w+|dual)$/;

/** Statements, with what has to follow for it to be one. Undefined: a name, a number or a parenthesis. */
export const statements: ReadonlyMap<string, RegExp | undefined> = new Map([
  ['select', undefined],
  ['insert', /^(?:into|ignore|delayed|low_priority)$/],
  ['replace', /^into$/],
  ['update', undefined],
  ['delete', /^from$/],
  ['drop', /^(?:table|database|schema|view|user|procedure|function|index|column|login|trigger|role|temporary)$/],
  ['create', /^(?:table|database|view|user|procedure|function|index|login|trigger|role|or|temporary|alias|extension)$/],
  ['alter', /^(?:table|database|view|user|procedure|function|login|role|session|system)$/],
  ['truncate', /^table$/],
  ['exec', undefined],
  ['execute', undefined],
  ['declare', /^@/],
  ['waitfor', /^(?:delay|time)$/],
  ['shutdown', /^(?:with|;|--)?$/],
  ['grant', /^(?:all|select|insert|update|delete|create|execute|dba|super)$/],
  ['merge', /^into$/],
  ['load', /^(?:data|xml)$/],
  ['copy', undefined],
  ['call', undefined],
  ['handler', undefined],
  ['prepare', undefined],
  ['attach', /^database$/],
  ['backup', /^(?:database|log)$/],
  ['begin', /^(?:declare|dbms_\w+|select|if|while|execute|exec)$/],
  ['if', undefined],
  ['do', /^\(|^(?:sleep|benchmark|\$\w*\$)$/],
  ['rename', /^table$/],
  ['set', undefined],
  ['use', undefined],
  ['vacuum', /^into$/],
]);

/** Functions that take a text apart, one within the other: how a value is read bit by bit. */
export const readingFunctions = words(`
  ascii ord hex conv bin length len char_length unicode substring substr mid left right lower upper compress uncompress
  version database user current_user cast concat group_concat coalesce ifnull rtrim ltrim trim reverse replace`);
