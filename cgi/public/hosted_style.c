/*
 * hosted_style: the style sheet of hosted pages. Old phones apply the first rules and ignore
 * those they do not know.
 */
#include "cgi/public/hosted.h"

const char hosted_style[] =
    "body{margin:0 auto;padding:16px;max-width:640px;font-family:system-ui,-apple-system,Roboto,sans-serif;"
    "font-size:100%;line-height:1.45;color:#1c2430;background:#f4f6f8}\n"
    "h1{margin:4px 4px 16px;font-size:1.35em;line-height:1.25;overflow-wrap:break-word;word-wrap:break-word}\n"
    "p{margin:0}\n"
    "body>p{margin:0 4px}\n"
    ".slide{margin:0 0 16px;background:#fff;border:1px solid #d5dbe2;border-radius:10px;overflow:hidden}\n"
    ".medium{line-height:0;text-align:center;background:#e9edf1}\n"
    ".medium img,.medium video{max-width:100%;height:auto}\n"
    ".medium video{width:100%;max-height:80vh;background:#000}\n"
    ".medium audio{width:100%}\n"
    ".text{padding:12px 14px;overflow-wrap:anywhere;word-wrap:break-word}\n"
    ".file{padding:10px 14px}\n"
    ".medium+.file{padding:6px 14px 0;font-size:.9em}\n"
    ".medium+.file:last-child{padding-bottom:8px}\n"
    ".text+.file{border-top:1px solid #e4e8ed}\n"
    ".file a{display:inline-block;padding:5px 0;font-weight:600;color:#0b5cad}\n"
    ".file small{margin-left:6px;white-space:nowrap}\n"
    "small,.until{color:#566070}\n"
    ".until{font-size:.85em}\n"
    "@media (prefers-color-scheme:dark){\n"
    ":root{color-scheme:dark}\n"
    "body{color:#e6e9ee;background:#14181d}\n"
    ".slide{background:#1d232a;border-color:#3c4652}\n"
    ".medium{background:#262d35}\n"
    ".text+.file{border-color:#3c4652}\n"
    ".file a{color:#7db8f2}\n"
    "small,.until{color:#a4adba}\n"
    "}\n";
