"""What mail servers say, and what they mean by it."""

from __future__ import annotations

import pytest

from services.notifications.domain import smtp_replies
from services.notifications.domain.pacing import DomainPace
from services.notifications.domain.smtp_replies import PROVIDERS, Meaning, Stage, meaning

SAID: list[tuple[int, str, Meaning]] = [
    (550, "Connection frequency limited", "slower"),
    (550, "Domain frequency limited. http://service.mail.qq.com/cgi-bin/help", "slower"),
    (550, "Ip frequency limited", "slower"),
    (550, "SPF check failed", "later"),
    (550, "Mail content denied. http://service.mail.qq.com/", "refused"),
    (550, "Mailbox not found. http://service.mail.qq.com/", "no_address"),
    (550, "Mail is rejected by recipients", "refused"),
    (554, "MI:STC 163 smtp11,D8CowECZvkxnbQ", "slower"),
    (554, "DT:SPM 163 smtp2,DdGowLDrn", "refused"),
    (451, "DT:SPM ,please try again", "later"),
    (421, "HL:REP 163 mx27,Q8CowEC5", "slower"),
    (554, "HL:IPB 126 mx4", "slower"),
    (451, "MI:SFQ 163", "slower"),
    (550, "User not found: someone@163.example", "no_address"),
    (550, "User suspended", "no_address"),
    (421, "4.7.28 Our system has detected an unusual rate of unsolicited mail", "slower"),
    (550, "5.7.28 Our system has detected an unusual rate of mail", "slower"),
    (450, "4.2.1 The user you are trying to contact is receiving mail too quickly", "slower"),
    (550, "5.7.26 This mail has been blocked because the sender is unauthenticated.", "later"),
    (550, "5.1.1 The email account that you tried to reach does not exist.", "no_address"),
    (552, "5.2.2 The email account that you tried to reach is over quota", "later"),
    (550, "5.7.1 Our system has detected that this message is likely unsolicited mail", "refused"),
    (550, "5.7.1 Service unavailable, Client host [192.0.2.7] blocked using Spamhaus.", "later"),
    (550, "5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. (S3140)", "later"),
    (550, "5.7.606 Access denied, banned sending IP [192.0.2.7]", "later"),
    (550, "5.7.509 Access denied, sending domain does not pass DMARC verification", "later"),
    (550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)", "no_address"),
    (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "no_address"),
    (451, "4.7.500 Server busy. Please try again later (S77719) AS(77719)", "slower"),
    (503, "5.5.1 Error: need MAIL command", "later"),
    (503, "Bad sequence of commands", "later"),
    (550, "5.7.0 Message rejected due to content", "refused"),
    (421, "4.3.2 Your IP(192.0.2.7) is filtered and this connection will be closed.", "later"),
    (550, "5.7.1 since you sent too many e-mails, you are not allowed to send more within 24 hours", "slower"),
    (550, "5.1.1 RUSR No such user", "no_address"),
    (554, "5.7.1 DAS51 192.0.2.7: Your mail is blocked automatically by anti-spam system. (E06)", "later"),
    (554, "5.7.1 Your mail is blocked automatically by anti-spam system.", "refused"),
    (550, "5.1.1 Inactive mbox", "no_address"),
    (450, "4.1.1 Recipient address rejected: unverified address", "later"),
    (550, "unknown user", "no_address"),
    (550, "no such user here", "no_address"),
    (550, "존재하지 않는 계정입니다", "no_address"),
    (550, "用户不存在", "no_address"),
    (550, "发送频率过快，请稍后再试", "slower"),
    (552, "Requested mail action aborted: exceeded storage allocation", "later"),
    (551, "User not local", "no_address"),
    (554, "Transaction failed", "refused"),
    (550, "5.0.0 User unknown", "no_address"),
    (550, "4.2.0 odd, but it says that it passes", "later"),
    (550, "5.2.1 This mailbox is disabled", "no_address"),
    (550, "5.1.2 Bad destination system address", "no_address"),
    # Not the address: our sender.
    (550, "Verification failed for <noreply@magpie.example>\nNo such user here\nSender verify failed", "later"),
    (550, "Sender verify failed: sender address does not exist", "later"),
    (550, "5.1.1 <noreply@magpie.example>: Sender address rejected: User unknown in local recipient table", "later"),
    (550, "Sender address rejected: User unknown in local recipient table", "later"),
    (553, "sender domain does not exist", "later"),
    (553, "5.1.8 Domain of sender address noreply@magpie.example does not exist", "later"),
    (550, "Domain may not exist or DNS check failed", "later"),
    (554, "5.7.1 <noreply@magpie.example>: Sender address rejected: not owned by user", "later"),
    (550, "Invalid sender: unknown user", "later"),
    (550, "发件人域名不存在", "later"),
    (550, "발신자 도메인이 존재하지 않습니다", "later"),
    (550, "5.7.515 Access denied, sending domain doesn't meet the required authentication level.", "later"),
    (550, "发件人被拒绝", "later"),
    (550, "发件人帐号已被停用", "later"),
    (550, "발신 주소가 없습니다", "later"),
    # Nor the mail: how our operator has set up the way to the server.
    (554, "5.7.1 <kim@hanbit.example>: Relay access denied", "later"),
    (550, "5.7.1 Relaying denied", "later"),
    (550, "5.7.1 Unable to relay", "later"),
    (550, "relay not permitted", "later"),
    (550, "5.7.64 TenantAttribution; Relay Access Denied [x.outlook.example]", "later"),
    (550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "later"),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "later"),
    (550, "本服务器拒绝中继", "later"),
    (530, "5.7.1 Authentication required", "later"),
    (530, "5.7.0 Must issue a STARTTLS command first", "later"),
    (535, "5.7.8 Authentication credentials invalid", "later"),
    (550, "5.7.0 Authentication Required", "later"),
    (554, "5.7.1 <mail.magpie.example[192.0.2.7]>: Client host rejected: Access denied", "later"),
    (504, "5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", "later"),
    (550, "Access denied - Invalid HELO name", "later"),
    (550, "5.7.1 Fix reverse DNS for 192.0.2.7", "later"),
    (550, "5.7.1 Blocked - see https://ipcheck.proofpoint.example/?ip=192.0.2.7", "later"),
    # A group that takes mails of its own organisation alone; no setting of ours opens it.
    (550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "refused"),
    # Nor the mail: the records of our domain, or where it comes from.
    (550, "MI:SPF mx14,QsCowECpuA", "later"),
    (554, "DT:SPF 163 mx1", "later"),
    (554, "MI:DMA 163 mx1", "later"),
    (550, "SPF fail rejected", "later"),
    (550, "DKIM check failed", "later"),
    (550, "5.7.1 DMARC校验失败", "later"),
    (550, "5.7.1 spam score 9.1 (BAYES_99,SPF_PASS,DKIM_VALID); spf=pass", "refused"),
    (550, "5.7.750 Service unavailable. Client blocked from sending from unregistered domains.", "later"),
    (550, "5.7.501 Service unavailable, access denied, spam abuse detected from IP range", "later"),
    (550, "5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", "later"),
    (553, "5.7.2 [TSS09] All messages from 192.0.2.7 will be permanently deferred", "later"),
    (550, "5.7.1 Access denied", "refused"),
    (550, "5.1.1 <kim@hanbit.example>: User unknown in relay recipient table", "no_address"),
    (550, "Returned to sender: unknown user", "no_address"),
    (550, "收件人不存在，请发件人检查", "no_address"),
    # Not there, in other words.
    (550, "mailbox unavailable", "no_address"),
    (550, "Requested action not taken: mailbox unavailable", "no_address"),
    (550, "5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [x.outlook.example]", "no_address"),
    (550, "Requested action not taken: mailbox unavailable, rejected for policy reasons", "refused"),
    (550, "The recipient may contain a non-existent account, please check the recipient address.", "no_address"),
    (550, "#5.1.0 Address rejected. kim@hanbit.example", "no_address"),
    (550, "5.1.0 Address rejected", "no_address"),
    (550, "5.1.0 Recipient address rejected: policy", "refused"),
    (550, "Unrouteable address", "no_address"),
    (554, "delivery error: dd This user doesn't have a yahoo.com account (kim@yahoo.example) [0]", "no_address"),
    (550, "수신자가 존재하지 않습니다", "no_address"),
    (550, "사용자를 찾을 수 없습니다", "no_address"),
    (550, "收件人地址不存在", "no_address"),
    (550, "信箱不存在", "no_address"),
    (550, "该账号不存在", "no_address"),
    (550, "用户已被禁用", "no_address"),
    (550, "해당 계정이 없습니다", "no_address"),
    (550, "휴면 계정입니다", "no_address"),
    (550, "사용자 권한이 없습니다", "refused"),
    (550, "5.4.1 All recipient addresses rejected : Access denied", "no_address"),
    # Full, whatever else is said.
    (550, "5.2.0 mailbox full", "later"),
    (550, "Account is full", "later"),
    (550, "Requested action not taken: mailbox unavailable, mailbox is full", "later"),
    (552, "Requested action not taken: mailbox unavailable", "later"),
    (550, "5.2.1 mailbox disabled: the user's mailbox is over its size", "later"),
    (550, "5.1.1 kim: mailbox full", "later"),
    (550, "用户不存在或邮箱已满", "later"),
    (550, "", "refused"),
    (421, "", "later"),
]


@pytest.mark.parametrize(("code", "text", "means"), SAID)
def test_an_answer_is_read_as_it_is_meant(code: int, text: str, means: Meaning) -> None:
    assert meaning(code, text, "recipient") == means
    assert meaning(code, f"  {text.upper()}\n", "recipient") == means


def test_the_first_digit_alone_would_be_wrong() -> None:
    """Without the table and the words each of these would be one of two."""
    by_digit = ["refused" if code >= 500 else "later" for code, _, _ in SAID]
    wrong = sum(said != means for said, (_, _, means) in zip(by_digit, SAID, strict=True))
    assert wrong > len(SAID) // 2


@pytest.mark.parametrize("guarded", [True, False])
def test_the_table_of_providers_comes_before_the_codes(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    if not guarded:
        monkeypatch.setattr(smtp_replies, "_KNOWN", [])
    found = meaning(550, "5.4.1 Recipient address rejected: Access denied", "recipient")
    assert found == ("no_address" if guarded else "refused")


def test_what_is_said_of_the_content_is_not_said_of_the_address() -> None:
    stages: list[Stage] = ["recipient", "content"]
    assert [meaning(550, "no such user here", stage) for stage in stages] == ["no_address", "refused"]
    assert [meaning(550, "5.1.1 no such user", stage) for stage in stages] == ["no_address", "no_address"]
    assert [meaning(550, "5.5.0 mailbox unavailable", stage) for stage in stages] == ["no_address", "refused"]
    assert [meaning(554, "This user doesn't have a yahoo.com account", stage) for stage in stages] == ["no_address"] * 2


def test_every_provider_has_answers_of_its_own_and_a_long_one_is_read_quickly() -> None:
    assert {known.provider for known in PROVIDERS} == {
        "QQ",
        "163",
        "Gmail",
        "Outlook",
        "Naver",
        "Daum",
        "Kakao",
        "Yahoo",
    }
    assert meaning(550, "client host " * 100_000, "recipient") == "refused"


def test_a_domain_gets_ten_at_once_and_then_its_pace() -> None:
    pace = DomainPace(seconds=1.0)
    assert [pace.take("qq.example", 100.0) for _ in range(10)] == [0.0] * 10
    assert pace.take("qq.example", 100.0) == pytest.approx(1.0)
    assert pace.take("naver.example", 100.0) == 0.0, "another domain is not slower for it"
    assert pace.take("qq.example", 101.0) == 0.0
    assert [pace.take("qq.example", 200.0) for _ in range(10)] == [0.0] * 10


def test_a_domain_that_has_had_too_much_rests_longer_each_time() -> None:
    pace = DomainPace(seconds=0.0, first_rest_seconds=30.0)
    pace.slow_down("qq.example", 0.0)
    assert (pace.take("qq.example", 10.0), pace.take("qq.example", 30.0)) == (20.0, 0.0)
    pace.slow_down("qq.example", 30.0)
    assert pace.take("qq.example", 31.0) == 59.0
    for n in range(20):
        pace.slow_down("qq.example", 100.0 * n)
    assert pace.take("qq.example", 1900.0) == 1800.0, "half an hour at most"
    pace.accepted("qq.example")
    pace.slow_down("qq.example", 9000.0)
    assert pace.take("qq.example", 9000.0) == 30.0
