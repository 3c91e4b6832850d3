namespace Calls.LoadTest.Report;

/// <summary>How the page looks, by day and by night.</summary>
internal static class HtmlStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--back:#fff;--ink:#1c2024;--soft:#5a6472;--line:#d9dee5;--tile:#f4f6f9;
        --good:#11713f;--bad:#b3261e;--s0:#1f6fb8;--s1:#c2570c;--s2:#6d4bb3;--s3:#11713f}
        @media (prefers-color-scheme:dark){:root{--back:#14171b;--ink:#e6e9ee;--soft:#9aa5b3;--line:#333b45;--tile:#1d2229;
        --good:#5fd08d;--bad:#ff8f86;--s0:#6cb4f5;--s1:#f2a35e;--s2:#b79cf5;--s3:#5fd08d}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
        main{max-width:1200px;margin:0 auto;padding:24px 20px 60px}
        h1{font-size:24px;margin:0 0 8px}h2{font-size:18px;margin:32px 0 10px}
        p{margin:6px 0;max-width:100ch}.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin-bottom:14px}
        .tiles div{background:var(--tile);border-radius:10px;padding:12px 14px;display:flex;flex-direction:column}
        .tiles strong{font-size:24px}.tiles span{color:var(--soft)}
        table{border-collapse:collapse;font-size:14px}
        th,td{text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
        th{color:var(--soft);font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}
        .wide{overflow-x:auto}.wide td{white-space:nowrap}.wide .errors{white-space:normal;min-width:16em;color:var(--bad)}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:18px}
        figure{margin:0}figcaption{font-weight:600;margin-bottom:4px}svg{width:100%;height:auto;display:block}
        .grid{stroke:var(--line)}text{fill:var(--soft);font-size:11px}.y{text-anchor:end}.x{text-anchor:middle}
        path{fill:none;stroke-width:1.8;stroke-linejoin:round}circle{fill-opacity:.75}
        .key{font-weight:400;margin-left:12px}.key::before{content:"";display:inline-block;width:10px;height:10px;
        border-radius:3px;margin-right:5px;background:currentColor}
        path.s0{stroke:var(--s0)}path.s1{stroke:var(--s1)}path.s2{stroke:var(--s2)}path.s3{stroke:var(--s3)}
        circle.s0{fill:var(--s0)}circle.s1{fill:var(--s1)}circle.s2{fill:var(--s2)}circle.s3{fill:var(--s3)}
        .key.s0{color:var(--s0)}.key.s1{color:var(--s1)}.key.s2{color:var(--s2)}.key.s3{color:var(--s3)}
        """;
}
