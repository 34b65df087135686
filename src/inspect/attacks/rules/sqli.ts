import { rulesOf } from './table.ts';

/** What may stand between two words of SQL. */
const gap = String.raw`(?:\s|/\*[^*]{0,64}\*/|/\*!\d{0,6}|\*/|\+|\(|%20|%09|%0a)`;
const literal = String.raw`(?:'[^']{0,32}'|"[^"]{0,32}"|-?\d[\d.]{0,20}|0x[0-9a-f]+|null|true|false)`;

/** Functions of databases: a value that is the beginning of a call of one, and nothing else, is a probe. */
const functionNames = [
  'abs acos asin atan avg bin bit_and bit_or bit_xor cast ceil ceiling char character_length charset chr coercibility collation',
  'connection_id conv convert convert_tz cos cot count crc32 curdate current_date current_time current_timestamp current_user curtime',
  'date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear decode degrees des_decrypt des_encrypt encode',
  'encrypt exp export_set extract field floor found_rows from_base64 from_days from_unixtime get_lock greatest hour inet_aton inet_ntoa',
  'insert instr is_free_lock is_used_lock isnull last_day last_insert_id lcase least length ln localtime localtimestamp locate log log10',
  'log2 lower lpad ltrim makedate maketime master_pos_wait max microsecond mid min minute mod month monthname name_const now nullif oct',
  'octet_length old_password period_add period_diff pi position pow power quarter quote radians release_lock repeat replace reverse round',
  'row_count rpad rtrim sec_to_time session_user sha sha2 sign sin soundex space sqrt std stddev stddev_pop stddev_samp str_to_date strcmp',
  'subdate substring_index subtime sum sysdate system_user tan timediff timestampadd timestampdiff to_base64 to_days to_seconds trim',
  'truncate ucase uncompress uncompressed_length unix_timestamp upper utc_date utc_time utc_timestamp uuid uuid_short var_pop var_samp',
  'variance week weekday weekofyear weight_string xmltype year yearweek',
].flatMap((line) => line.split(' '));

/** SQL injection. */
export const sqliRules = rulesOf('sqli', [
  {
    id: 'sqli-shape',
    title: 'The value carries on as SQL: a condition, a further query, a statement or an ending',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: { kind: 'sql_shape' },
  },
  {
    id: 'sqli-tautology',
    title: 'A quote is followed by a condition that always holds',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`['"\x60][\s)]{0,8}(?:/\*[^*]{0,32}\*/\s{0,4})?(?:\|\||&&|\b(?:x?or|and|having|where)\b)[\s(!~+-]{0,8}(?:not\b\s{0,4})?(?:'[^']{0,16}'|"[^"]{0,16}"|\d{1,10})[\s)]{0,4}(?:=|<>|!=|<=>|\blike\b|\brlike\b)[\s(]{0,4}(?:'[^']{0,16}|"[^"]{0,16}|\d{1,10})`,
  },
  {
    id: 'sqli-union',
    title: 'A further query is joined by union',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `union${gap}+(?:(?:all|distinct)${gap}+)?select${gap}+(?:${literal}${gap}*(?:,|from\\b|--|#|$)|@@|[\\w.]{1,64}${gap}*,(?:[^\\w]{0,4}$|[^\\w\\n]{0,16}(?:\\w{1,64}(?:[^\\w.]|\\.[\\w*]|$)|[^\\w\\s]))|\\w{1,32}\\(|[\\w.]{1,64}${gap}+from\\b|\\*)`,
  },
  {
    id: 'sqli-wait',
    title: 'A function that makes the database wait',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`\b(?:benchmark\s{0,4}\(\s{0,4}(?:\d{3,}|0x|\d+e\d)|pg_sleep\s{0,4}\(|waitfor\s{1,8}(?:delay|time)\s{0,8}['"]|dbms_(?:pipe\.receive_message|lock\.sleep)\s{0,4}\(|randomblob\s{0,4}\(\s{0,4}\d{5,}|generate_series\s{0,4}\(\s{0,4}1\s{0,4},\s{0,4}\d{5,})|(?:\b(?:select|and|or|xor|then|case|if)\b[\s(+]{1,8}|[=,|]\s{0,4}\(?\s{0,4}select\s{1,4})sleep\s{0,4}\(\s{0,4}[\d.]`,
  },
  {
    id: 'sqli-intrusive-function',
    title: 'A function of a database that reads files, runs programs or leaks by errors',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`\b(?:extractvalue|updatexml|xmltype|load_file|load_extension|gtid_subset|st_latfromgeohash|utl_(?:http|inaddr|file|smtp)\.\w+|ctxsys\.drithsx\.sn|dbms_(?:ldap\.init|xmlgen\.getxml\w*|java\.runjava)|sys_eval|sys_exec|pg_read_(?:binary_)?file|lo_import|openrowset|opendatasource)\s{0,4}\(|(?:\bexec(?:ute)?\s{1,8}|\.\.?|;\s{0,8})\b[xs]p_(?:cmdshell|dirtree|regread|fileexist|oacreate|executesql|oamethod)\b|\b[xs]p_(?:cmdshell|dirtree|regread|fileexist|oacreate|executesql|oamethod)\s{0,8}\(?\s{0,4}['"@]|\binto\s{1,8}(?:out|dump)file\s{0,8}['"(]|\bload\s{1,8}data\s{1,8}(?:local\s{1,8})?infile\b|\bprocedure\s{1,8}analyse\s{0,4}\(|\bcopy\s{1,8}\w+\s{1,8}(?:from|to)\s{1,8}program\b`,
  },
  {
    id: 'sqli-catalogue',
    title: 'A catalogue of a database is asked',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `(?:from|join|in\\(select)${gap}+[\`"\\[]?(?:information_schema[\`"\\]]?\\.|pg_catalog\\.|mysql\\.(?:user|db)\\b|sys(?:objects|columns|users|databases|logins)\\b|sys\\.(?:tables|objects|columns|databases|user\\$)|sqlite_(?:master|schema)\\b|all_(?:tables|tab_columns|users)\\b|user_(?:tables|tab_columns)\\b|dba_(?:users|tables)\\b|v\\$version\\b|msysaccessobjects\\b|sysibm\\.|pg_(?:shadow|user|tables|class)\\b)`,
  },
  {
    id: 'sqli-stacked',
    title: 'A statement that changes or destroys data follows a quote or a number',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`(?:['"\x60\d)]\s{0,4});\s{0,8}(?:(?:drop|truncate|alter)\s{1,8}(?:table|database|schema|view|user|login|procedure)\s{1,8}\S|insert\s{1,8}into\s{1,8}[\w."\[\x60]+\s{0,4}(?:\(|values)|delete\s{1,8}from\s{1,8}\w+\s{0,4}(?:;|--|#|where|$)|update\s{1,8}[\w.]+\s{1,8}set\s{1,8}[\w.]+\s{0,4}=|exec(?:ute)?\s{1,8}(?:immediate|master|[xs]p_)|declare\s{1,8}@|shutdown\b|grant\s{1,8}all)`,
  },
  {
    id: 'sqli-encoded-text',
    title: 'Characters put together by their codes within a query',
    severity: 'error',
    in: ['values', 'headers'],
    finds: String.raw`\b(?:cha?r|nchar)\s{0,4}\(\s{0,4}(?:0x[0-9a-f]{2}|\d{2,3})\s{0,4}\)\s{0,4}(?:\+|\|\||,)\s{0,4}(?:cha?r|nchar)\s{0,4}\(|\bchar\s{0,4}\(\s{0,4}\d{2,3}\s{0,4}(?:,\s{0,4}\d{2,3}\s{0,4}){2,}\)|\bconcat(?:_ws)?\s{0,4}\(\s{0,4}0x[0-9a-f]{2}|\bgroup_concat\s{0,4}\(\s{0,4}\w`,
  },
  {
    id: 'sqli-comment-between-words',
    title: 'Words of SQL held apart by comments',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`\b(?:drop|select)/\*[^*]{0,64}\*/\w|\bdrop\s{1,8}\w{1,64}\s{0,4};\s{0,4}--|\b(?:union|select|and|or|from|where|order|having|insert|update|delete|drop)(?:/\*[^*]{0,32}\*/|--[^\n]{0,16}\n|#[^\n]{0,16}\n){1,8}\s{0,4}(?:union|all|select|by|from|distinct|into|set|table|\d{1,8}\s{0,4}(?:/\*[^*]{0,16}\*/)?\s{0,4}=|['"(])|/\*!\d{0,6}\s{0,8}(?:union|select|and|or|sleep|benchmark|all|from|order)\b`,
  },
  {
    id: 'sqli-name-alone',
    title: 'The value is nothing but the name of a catalogue or the beginning of a call that only databases know',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`^[^\w\n]{0,8}(?:${functionNames.join('|')})\s{0,4}\([^\w\n]{0,4}$|^[^\w\n]{0,4}(?:information_schemas?|pg_catalog|mysql\.(?:db|user)|msysaccessobjects|msys\w{4,16}|sqlite_(?:master|schema|temp_master)|sysobjects|syscolumns|tempdb|msdb|northwind|schema_name|sys\.user_\w{4,16}|all_tab_columns|xp_cmdshell)[^\w\n]{0,4}$|^[^\w\n]{0,8}(?:database|schema|benchmark|sleep|pg_sleep|load_file|group_concat|concat_ws|concat|substr|substring|char_length|ascii|ord|hex|unhex|md5|sha1|coalesce|ifnull|nvl|extractvalue|updatexml|find_in_set|elt|make_set|compress|version|user|rand)\s{0,4}\([^\w\n]{0,4}$|\b(?:sqlite_compileoption_(?:used|get)|jsonb?_(?:pretty|build_object|build_array|agg|object_agg)|unistr|starts_with|find_in_set)\s{0,4}\(`,
  },
  {
    id: 'sqli-behind-quote',
    title: 'A quote is followed by a word that joins or compares, and a name with a call, a cast or a nested query',
    severity: 'critical',
    in: ['values', 'path'],
    finds: String.raw`^[^\s'"]{0,64}['"][\s)]{0,8}(?:and|or|xor|\|\||&&|having|where|like|glob|between|in)\b[\s(]{0,8}(?:not\s{1,4}|all\s{1,4}|any\s{1,4}){0,2}[\w.]{1,32}\s{0,4}(?:\(|(?:=|<|>|!=|is|not|similar|like|glob|in|between)\b?[\s(]{0,8}(?:all|any|some|select|null|similar|[\w.]{1,32}\s{0,4}(?:\)\s{0,4}){0,4}(?:--|#|/\*|$)))`,
  },
  {
    id: 'sqli-fragment',
    title:
      'The value is a piece of a query: a condition that begins it, an operator between quotes, an operand and an ending',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`^\s{0,4}(?:\w{1,16}=)?(?:and|or)\s{1,4}\d{1,10}\s{0,4}=\s{0,4}(?:\(|$)|^\s{0,4}select\b[^\n;]{1,80},[\s(]{0,8}\d{1,6}[\s)]{1,8}from\s{1,8}\w|^\s{0,4}(?:x?or|and|\|\||&&)[\s(]{1,8}(?:not\s{1,4})?(?:\d{1,10}|'[^'\n]{0,16}'|"[^"\n]{0,16}")\s{0,4}(?:=|<>|!=|<|>|like\b)\s{0,4}(?:\d{1,10}|'[^'\n]{0,16}'?|"[^"\n]{0,16}"?)\s{0,4}(?:$|--|#|/\*|[);]|x?or\b|and\b)|^\s{0,4}order\s{1,4}by\s{1,4}\d{1,4}\s{0,4}(?:--|#|/\*)|^\s{0,4}['"]\s{0,4}(?:\|\||&&|xor|\s(?:and|or)\s)\s{0,4}['"]\s{0,4}$|^\s{0,4}\([\w\s()'"@*+/,.-]{1,200}\)\s{0,4}--\s{0,4}$|^\s{0,4}-?\d{1,9}[\s/\d]{0,8}(?:#|/\*)[^\n]{0,32}\s[\s#*/-]{0,16}union\b|^\s{0,4}-?\d{1,9}[\s/\d]{0,8}/\*{1,2}[^*\n]{0,32}\*/\s{0,4}union\b|'[\[{][^'\n]{0,64}'\s{0,4}(?:::\s{0,4}jsonb?\b|<@|@>|->>?\s|#>>?|\?[|&]?\s{0,4}(?:'|array\b))|\bor\s{1,4}json_extract\s{0,4}\(\s{0,4}'|^[^\n]{0,32}/1/\*{2}/\s{0,2}union\b|^\s{0,4}@\w{1,16}\s{0,4}--\s{0,4}$|\b(?:pi\(\)\s{0,4}=\s{0,4}3|3\s{0,4}=\s{0,4}pi\(\))`,
  },
  {
    id: 'sqli-value-ending',
    title: 'A quote and a mark that leaves out the rest of a query',
    severity: 'warning',
    in: ['values'],
    finds: String.raw`['"][\s)]{0,4}(?:--|#|/\*)\s{0,2}-?$`,
  },
  {
    id: 'sqli-encoded-value',
    title: 'Base64 that holds an injection of SQL',
    severity: 'critical',
    in: ['values'],
    finds: { kind: 'sql_shape' },
    after: ['base64_decode'],
    paranoia: 2,
  },
  {
    id: 'sqli-whole-query',
    title: 'The value is a query as a whole',
    severity: 'error',
    paranoia: 2,
    in: ['values'],
    finds: `^[\\s(]{0,8}(?:select${gap}+\\S.{0,256}?${gap}from${gap}+\\w|insert${gap}+into${gap}+\\w+|delete${gap}+from${gap}+\\w+|update${gap}+\\w+${gap}+set${gap}|drop${gap}+(?:table|database)${gap})`,
  },
]);
