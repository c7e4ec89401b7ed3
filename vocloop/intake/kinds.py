"""What a statement does: complain, ask for something, ask a question, praise, or tell a fact.

By rules in both languages, so that every answer can be explained and nothing needs a model; other
languages get no kind. What has no cue complains, unless it tells about the writer's own company.
tests/vocloop/intake/test_kinds.py names what is held on texts marked by hand, and
benchmarks/kinds.py prints it.
"""

from __future__ import annotations

import re
import unicodedata

from vocloop_models import StatementKind

# Which part of a long statement is read: its end says what the writer wants.
_READ_CHARACTERS = 600

_JA_WISH = (
    r"[てで](?:ほし|欲し)|が(?:ほし|欲し)|(?:いただ|頂)き(?:たい|たく)"
    r"|(?:いただ|頂)け(?:ない|ません|ると|れば|ます)"
    r"|もら(?:え(?:ない|ません|ると|れば|ます)|いたい)"
    r"|(?:ように|を|まで)お願い"
    r"|(?:る|れる|ある|ば|たら)と?(?:助か|嬉し|うれし|ありがた|便利|よい|良い|いい)(?!です?か)"
    r"|希望(?:し|です|いたし)|要望|追加(?:して|を(?:お願|希望|検討))|べき(?:だ|です|と|では)"
    r"|(?:ご検討|ご一考)|検討(?:して|いただ|をお願|願)"
    r"|(?<!知り)(?<!伺い)(?<!聞き)(?<!確認し)(?<!し)たい(?:です|の(?:です|だ)|と思|。|$)"
    r"|(?:られ|え|け|せ|て|れ|でき)ませんか"
    r"|(?:たら|れば|えば|と)[^。]{0,12}(?:そう|捗|はかど|楽)(?:です|だ|に|り)"
    r"|(?<!教え)(?<!聞かせ)(?<!知らせ)てください|(?<!教え)て下さい"
)
_JA_MEND = (
    r"(?:直|修正|改善|対応|復旧|調査|確認|返金|解決|何とか|なんとか)(?:し|を|して)?(?:て)?"
    r"(?:ください|下さい|ほしい|欲しい|お願|いただ|もら)"
)
_JA_ASK = (
    r"(?:です|ます|でしょう|ません|ました|でした|の|でき|た)か(?=[?？。\s]|$)|[?？]\s*$"
    r"|教えて(?:ください|下さい|いただ|ほし|もら)|どう(?:すれば|したら|やって|いう意味)"
    r"|(?:知り|伺い|お聞きし|確認し)たい|かどうか(?:を)?(?:教え|知)"
)
_JA_BAD = (
    r"(?:でき|使え|開け|見え|見られ|届か|動か|入れ|進め|消せ|送れ|渡せ|読め"
    r"|出せ|押せ|合って(?:い)?|なら"
    r"|分から|わから|足り|つながら|繋がら|され|反映され|表示され|保存され|もらえ)"
    r"(?:ない|ません|なく|ず|なかった)|返(?:事|信|答)が(?:ない|ありません|来)"
    r"|エラー|不具合|バグ|障害|遅(?:い|く|すぎ|れ)|重(?:い|く|すぎ)|不便|困(?:っ|り|る|惑)"
    r"|(?:にく|づら)(?:い|く|かった)|面倒|手間(?:が|です|だ|ばかり)|落ち(?:る|ます|た)|固ま"
    r"|止ま(?:っ|る|り)|消え|消失|失敗|文字化け|ずれ|間違|違って|違う|ひど|不満|残念|高(?:い|すぎ)"
    r"|値上げ|ストレス|イライラ|最悪|解約|がっかり|古(?:い|く)|小さ(?:い|く|すぎ)|時間がかか"
    r"|て(?:しまい|しまう|しまっ|しまった)|ちゃ(?:い|う|っ)"
    r"|(?:合|繋が|伝わ|終わ|治|直)(?:わ|ら)?(?:ず|ない|ません|なく)"
    r"|(?:いた|れ|書かれてい|きちんと|ちゃんと)[^。]{0,6}(?:ません|ない)(?!か)|切れ(?:る|ます|て)"
    r"|弾かれ|はじかれ"
    r"|(?:待た|やり直)(?:され|させ)|られなく|なくなっ|放置|無視|何度も|毎回|やむを得ず|仕方なく"
    r"|肝心|不正確"
    r"|ありません(?!か)|ばらばら|見落と|余計|無駄|うんざり|納得"
    r"|ずっと[^。]{0,8}(?:まま|ない|ません)"
    r"|分以上かか|うるさ|不安|辛|つら(?:い|く)|仕事にな(?:ら|りま)|二重|勝手に|突然|クレーム|差し戻"
)
_JA_GOOD = (
    r"助か(?:って|りました|っており|った)|便利(?:です|で(?!す)|に(?:な|使)|だ)|やす(?:い|く|かった)"
    r"|嬉し(?:い|く|かった)|うれし|満足(?:し|です|だ)|素晴らし|すばらし|最高|気に入|快適|感動"
    r"|感謝|丁寧"
    r"|安心|簡単で|楽に|楽です|(?:早|速|良|よ)(?:くて|かった|くなり)|ありがとう|ありがたい|期待以上"
    r"|(?:残業|手間|ミス|時間)が(?:減|なくな)|見やす|一瞬|軽くな|洗練|おすすめ|お勧め|見事|さすが"
    r"|役に?立|正解|心強|気持ちが?(?:い|良)い|評判|上々|しっくり|いいですね|(?:よ|良)かった|好き"
    r"|ぴったり|おかげ"
    r"|重宝|捗|はかど|楽し|頼(?:も|りに)|信頼|親切|素敵|すてき|スムーズ|手放せ|なくてはならない"
    r"|充実|的確|神"
    r"|ストレスが?(?:な|減)|(?:すぐ|一発で|あっという間に)[^。]{0,8}(?:でき|解決|終わ)"
    r"|(?:大|とても|すごく)好評"
)
# Each begins with a word (see _EN), in lower case.
_EN_WISH = (
    r"(?:^|(?<=[.!] ))(?:show|send|let|add|allow|make|give|put|offer|provide|enable|include"
    r"|remove|stop)\b|please stop\b|(?:i|we) want\b|it should\b|would (?:spare|do)\b"
    r"|would you consider|"
    r"please (?:add|allow|make|provide|support|consider|include|let|give|offer|bring|enable|change"
    r"|increase|extend|put|show|send)\b|wish\b"
    r"|would (?:really )?be (?:\w+ )?(?:nice|great|good|helpful|useful|welcome|awesome|perfect)"
    r"|would (?:help|love|like|appreciate|prefer|welcome)"
    r"|(?:we|i)'d (?:like|love|appreciate|prefer)"
    r"|needs? (?:a|an|the|to be|some|more|better)\b|feature request|could (?:you|we|there)\b"
    r"|can (?:you|we) (?:have|get|add|make|please)\b"
    r"|should (?:be|have|offer|allow|let|support|add|also|include)|hope (?:you|to see)"
    r"|(?:want|looking) (?:to|for) (?:be able|a way|an option|see)|ability to\b|an option to\b"
    r"|how about|suggest|any chance|let (?:us|me|users|people|everyone)\b|it'd be"
    r"|would be (?:a )?\w+ (?:if|to)"
    r"|would (?:save|make|mean|allow|let)\b|being able to|if only|why not\b|there (?:should|ought)"
    r"|what (?:i|we) (?:am|are) missing|lacks? an?\b|i'd\b|we'd\b|an? \w+ for [^.]+ would"
)
_EN_MEND = (
    r"(?:please|kindly|can you|could you)"
    r" (?:fix|solve|resolve|look into|investigate|refund|correct|sort|help)\b|fix (?:this|it)"
)
_EN_ASK = (
    r"wonder(?:ing)?\b (?:if|how|whether|what|why|when|where)|(?:like|want|need) to know"
    r"|let me know (?:how|if|what|whether)"
)
_EN_BAD = (
    r"can(?:'t|not)|(?:could|does|did|is|are|was)(?:n't| not)|won't|will not"
    r"|(?:no|never|without any)"
    r" (?:longer|reply|response|answer|notice|way|help|warning)\b"
    r"|not (?:work|match|helpful|easy|good"
    r"|able|happy|clear|intuitive|reliable|worth)|fail|error|crash|slow|bugs?\b|buggy|broken?\b"
    r"|broke\b|missing|lost\b|gone\b|wrong|stuck|fre?ez|froze|frustrat|annoy|confus|disappoint"
    r"|terribl|awful|horribl|useless|bad(?:ly)?\b|poor|expensive|overpriced"
    r"|too (?:many|much|long|hard|slow|small|late|difficult)|hard to|difficult|unable|never\b"
    r"|keeps? (?:\w+ing)|cancel|waste|unaccept|delay|late\b|ignor|gives? up|charged|drops?\b"
    r"|price went up|worse|worst|unreliable|complain|problem|issue|trouble|clunky"
    r"|minutes to (?:load|open)|ridiculous|hate|unusable|struggl|cuts? off|logged out"
    r"|log(?:s|ged)? (?:me|us) out"
    r"|nowhere|nothing to do with|twice as|(?:four|three|five|several|many) (?:different|times)"
    r"|over and over|again and again|every time|disappear|vanish|duplicat|overwr|mess(?:y|ed)?\b"
    r"|spam|pointless"
    r"|waiting|took (?:hours|days|weeks|ages|forever)|nobody|no one"
    r"|have to (?:re|do|type|click|enter|start)"
    r"|forced|instead of|until (?:somebody|someone|we|i)\b|more clicks"
    r"|still (?:no|not|shows?|waiting|open|broken)"
    r"|outdated|cluttered|refuses?|reject|blank|garbled|cramped|tiny|noisy|misleading|inaccurate"
    r"|mismatch"
)
_EN_GOOD = (
    r"lov(?:e|es|ed|ing)\b|great|excellent|awesome|amazing|helpful|eas(?:y|ier|ily)\b"
    r"|sav(?:es|ed|ing) (?:us|me|our|my|so|time|hours|a lot)|thank|happy|pleased|perfect|fantastic"
    r"|intuitive|smooth|quick|fast\b|recommend|best\b|well done|impress|reliable|beautiful|delight"
    r"|wonderful|brilliant|superb|just works|good (?:job|work|product|service|support)"
    r"|like (?:the|how|that)|game.?changer|friendly|lovely|likes? (?:it|them)\b"
    r"|so do i|kudos|joy\b|nice(?:st|ly|r)?\b|stars\b"
    r"|would buy|pleasure"
    r"|fan of|glad|enjoy|favou?rite|life.?saver|thumbs up|seamless|solid\b"
    r"|well (?:made|designed|thought)"
    r"|appreciate (?:the|how|your)|works (?:well|perfectly|like a charm)|delighted|patient"
    r"|worth (?:every|the)"
    r"|without a (?:single|hitch)|effortless|bravo|hats off|pleasant"
    r"|stopped (?:complaining|worrying)"
)
# What is told about oneself: numbers, places, how work is done. Nothing else without a cue is a
# fact: of the statements in marked.jsonl that complain, half do so without any word for it.
_FACT_JA = re.compile(
    r"(?:使って|併用して|運用して|担当して|契約して|用意して|受け付けて|受け持って"
    r"|貸し出して|分かれて|行って|属して|勤めて)"
    r"(?:い|お)ります|(?:使って|併用して|運用して|担当して|契約して|受け付けて"
    r"|受け持って|受けて|貸し出して|回して)い(?:ます|ました)"
    r"|分かれています|(?:移し|移り|代わり|替わり|変わり|導入し|入れ替え|始め|増え"
    r"|減り)ま(?:した|す)(?=[。\s]|$)"
    r"|(?:台|店|店舗|拠点|支店|人|名|件|社|年|月|日|分|時間)(?:ほど|くらい"
    r"|程度|ずつ)?(?:です|あります|います|おります)(?=[。\s]|$)"
    r"|添付(?:は|し)|に(?:十|百|千|[0-9])[^。]{0,6}あります|毎[朝日週月年][^。]{0,16}(?:し"
    r"|入力し|確認し)ます(?=[。\s]|$)"
    r"|(?:標準|更新|決算|ブラウザ|端末|環境|バージョン)は[^。]{1,20}です"
)
_FACT_EN = re.compile(
    r"^(?:we|our \w+|i|my \w+|each \w+|the \w+|there|last \w+|about|approvals"
    r"|it)\b[^.]{0,40}?\b(?:have|has|use|uses|run|runs|sell"
    r"|am (?:on|using)|are (?:a|two|three|in|about)|is (?:attached|split|made|\d+|on)|moved"
    r"|signed|started"
    r"|attached|begins|close|close[sd]?|enter|work|works|go|come in|did|number is)\b[^.]*\.?$"
)
_TURN_JA = re.compile(r"(?:ですが|ますが|のですが|だが|けれど|けど|しかし|ものの|ただ)、?")
_TURN_EN = re.compile(r"\b(?:but|however|although|though|yet|unfortunately)\b")
_NEGATED_GOOD = re.compile(r"\b(?:not|never|hardly|no)\s(?:\w+\s){0,2}(?:" + _EN_GOOD + ")")

_JA = {
    name: re.compile(each)
    for name, each in (
        ("wish", _JA_WISH),
        ("mend", _JA_MEND),
        ("ask", _JA_ASK),
        ("bad", _JA_BAD),
        ("good", _JA_GOOD),
    )
}
_EN = {
    name: re.compile(rf"\b(?:{each})")
    for name, each in (
        ("wish", _EN_WISH),
        ("mend", _EN_MEND),
        ("ask", _EN_ASK),
        ("bad", _EN_BAD),
        ("good", _EN_GOOD),
    )
}
_POLITE = re.compile(
    r"(?:いただけ|頂け|もらえ|くださ)"
    r"(?:ますか|ませんか|ないでしょうか|ますでしょうか|ないですか|いませんか)"
    r"|(?:られ|え|け|せ|て|れ|でき)ませんか|\bany chance\b"
    r"|\b(?:could|can) (?:you|we) (?:please )?(?:make|add|have|get|let|allow|give|send|provide)"
)
_ONLY_THANKS = re.compile(r"(?:thank you|thanks) (?:in advance|for your (?:help|support|time))")


def kind_of_statement(text: str, language: str) -> StatementKind | None:
    """The kind of a statement in Japanese or English; None in any other language."""
    return _kind(text, language) if language in {"ja", "en"} else None


def _kind(text: str, language: str) -> StatementKind:
    read = unicodedata.normalize("NFKC", text[-_READ_CHARACTERS:]).strip().lower()
    read = read.replace("’", "'")
    cues = _JA if language == "ja" else _EN
    bad = len(cues["bad"].findall(read))
    mend = cues["mend"].search(read) is not None
    if _POLITE.search(read) and not (mend and bad):
        return StatementKind.REQUEST
    wish = cues["wish"].search(read) is not None
    asks = ("?" in read and language == "en") or cues["ask"].search(read) is not None
    if asks and not (wish and not _ends_asking(read)):
        return StatementKind.QUESTION
    good = len(cues["good"].findall(_ONLY_THANKS.sub("", read)))
    if language == "en" and good:
        negated = len(_NEGATED_GOOD.findall(read))
        good, bad = good - negated, bad + negated
    if bad and (mend or not wish):
        turn = _TURN_JA if language == "ja" else _TURN_EN
        return _balance(read, turn, cues, bad=bad, good=good)
    if wish or mend:
        return StatementKind.REQUEST
    return StatementKind.PRAISE if good > 0 else _told(read, language)


def _told(read: str, language: str) -> StatementKind:
    """What stands in plain words: a fact about the writer's company, else what is wrong."""
    facts = _FACT_JA if language == "ja" else _FACT_EN
    return StatementKind.FACT if not read or facts.search(read) else StatementKind.COMPLAINT


def _ends_asking(read: str) -> bool:
    return re.search(r"か[。\s]*$|[?？]\s*$|教えて\S{0,12}$", read) is not None


def _balance(
    read: str, turn: re.Pattern[str], cues: dict[str, re.Pattern[str]], *, bad: int, good: int
) -> StatementKind:
    """Praise and complaint in one: what stands behind the "but" counts."""
    if good <= 0:
        return StatementKind.COMPLAINT
    turns = list(turn.finditer(read))
    if turns:
        after = read[turns[-1].end() :]
        worse = len(cues["bad"].findall(after))
        better = len(cues["good"].findall(after))
        if worse != better:
            return StatementKind.COMPLAINT if worse > better else StatementKind.PRAISE
    return StatementKind.PRAISE if good > bad else StatementKind.COMPLAINT
