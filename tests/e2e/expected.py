"""The texts of the API's documentation, written down a second time so that a change of the table is noticed."""

TEXT = {
    "E100": "Invalid request. Make a valid request via GET/POST/XML with all the required variables.",
    "E104": "User Authentication Failed.",
    "E105": "This account has no API rights.",
    "E106": "You can call API every {x} seconds.",
    "E107": "This account has no right to use this action.",
    "E109": "API not activated.",
    "E112": "IP was not whitelisted. API call rejected.",
    "E113": "Set throughput exceeded for this API action. API call rejected.",
    "E110": "Invalid receiver number.",
    "E111": "Invalid shortcode.",
    "E114": "Phone number is blacklisted. API call rejected.",
    "E115": "Sender Mask is limited to {x} characters (Australia only)",
    "E120": "Account has reached the API request limit.",
    "E201": "The 'to' is required.",
    "E200": "No MMS Templates were created in this account.",
    "E212": "pagenumber is invalid.",
    "E213": "itemsperpage is invalid.",
    "E214": "startdate is invalid.",
    "E223": "More than one object is not allowed in the same slide.",
    "E224": "MMS audio/video/image are not allowed with object in the same slide.",
    "E225": "Too many Slides.",
    "E226": "Audio and Video not allowed in same slide.",
    "E227": "Video and Image not allowed in same slide.",
    "E228": "Text more than {x} characters.",
    "E229": "Content not allowed.",
    "E241": "This content does not exist.",
    "E311": "The 'name' is required.",
    "E312": "No slides.",
    "E313": "Slide {x} is empty.",
    "E331": "Image in slide {x} is too big.",
    "E332": "Audio in slide {x} is too big.",
    "E333": "Video in slide {x} is too big.",
    "E334": "Text in slide {x} is too long.",
    "E335": "vCard in slide {x} is too big.",
    "E336": "iCal in slide {x} is too big.",
    "E337": "PDF in slide {x} is too big.",
    "E341": "Image file in slide {x} is corrupted.",
    "E351": "Could not copy Image in slide {x}.",
    "E352": "Could not copy Audio in slide {x}.",
    "E353": "Could not copy Video in slide {x}.",
    "E355": "Could not copy vCard in slide {x}.",
    "E356": "Could not copy iCal in slide {x}.",
    "E357": "Could not copy PDF in slide {x}.",
    "E503": "Internal error.",
    "E620": "The 'mmsid' is required.",
    "E621": "The 'to' is required.",
    "E625": "The 'mmsid' provided was invalid.",
    "E626": "This content is unavailable at the moment. Encoding is in progress. Please try again later.",
    "E622": "The 'fallbacksmstext' is required.",
    "E652": "Incorrect disablefallbacksms value. It is optional, but accepts only 'yes', 'no' or '' if set.",
    "E1130": "The personalized image template id in slide {x} is invalid",
    "E1131": "Only one personalized image template is allowed per MMS",
}

COPY = {"image": "E351", "audio": "E352", "video": "E353", "vcard": "E355", "ical": "E356", "pdf": "E357"}
SIZE = {"image": "E331", "audio": "E332", "video": "E333", "vcard": "E335", "ical": "E336", "pdf": "E337"}


def is_error(answer, code, x=None):
    """Checks that the answer is this failure, word for word. x is the slide or limit that its text names."""
    assert answer.code == code, answer
    assert answer.info == TEXT[code].format(x=x), answer
    return True
