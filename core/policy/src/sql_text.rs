//! SQL before it is parsed: what databases read in more than one way is refused, and so is what nests too deep.

use sqlparser::dialect::Dialect;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace};
use talos_contracts::PolicyArgumentDialect;
use talos_text::is_ignorable;

/// Most tokens between a comma and what it belongs to, over all levels of parentheses: the tree is no deeper.
const MAX_CHAIN: usize = 512;

/// The tokens of SQL, if every database of the dialect would see the same ones.
pub(crate) fn tokens(
    text: &str,
    dialect: &dyn Dialect,
    kind: PolicyArgumentDialect,
) -> Result<Vec<TokenWithSpan>, &'static str> {
    if text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err("it has controls");
    }
    if ["/*!", "/*M!", "/*m!", "/*+"].iter().any(|mark| text.contains(mark)) {
        return Err("it has a comment that some databases execute");
    }
    if ["\\'", "\\\"", "\\`"].iter().any(|escape| text.contains(escape)) {
        return Err("it has a backslash before a quote, which some databases take for an escape");
    }
    let tokens = Tokenizer::new(dialect, text).tokenize_with_location();
    let tokens = tokens.map_err(|_| "it cannot be read: a quote or a comment is not closed")?;
    for TokenWithSpan { token, .. } in &tokens {
        check_token(token, kind)?;
    }
    check_nesting(&tokens)?;
    Ok(tokens)
}

fn check_token(token: &Token, kind: PolicyArgumentDialect) -> Result<(), &'static str> {
    let is_postgres = kind == PolicyArgumentDialect::Postgres;
    match token {
        Token::Whitespace(Whitespace::SingleLineComment { prefix, comment }) => {
            let is_plain = prefix == "--" && comment.chars().next().is_none_or(char::is_whitespace);
            if is_plain { Ok(()) } else { Err("it has a comment that is none in some databases: write -- and a space") }
        }
        Token::Whitespace(Whitespace::MultiLineComment(comment)) if comment.contains("/*") => {
            Err("it has a comment in a comment")
        }
        Token::Word(word) if word.value.contains(|c: char| is_ignorable(c) || (!c.is_ascii() && c.is_whitespace())) => {
            Err("a name in it has spaces or characters that nobody sees")
        }
        Token::DollarQuotedString(_) if !is_postgres => Err("it has dollar quotes, which this dialect does not have"),
        Token::Sharp | Token::DoubleSharp if !is_postgres => Err("it has #, which begins a comment in some databases"),
        Token::Char(_) => Err("it has a character that SQL does not have"),
        _ => Ok(()),
    }
}

/// Bounds how deep the tree can get: by parentheses, or by operators one after the other.
fn check_nesting(tokens: &[TokenWithSpan]) -> Result<(), &'static str> {
    let (mut levels, mut total) = (vec![0usize], 0usize);
    for TokenWithSpan { token, .. } in tokens {
        match token {
            Token::Whitespace(_) => continue,
            Token::Comma | Token::SemiColon => {
                if let Some(level) = levels.last_mut() {
                    total -= std::mem::take(level);
                }
            }
            Token::LParen | Token::LBracket | Token::LBrace => {
                total += 1;
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
                levels.push(0);
            }
            Token::RParen | Token::RBracket | Token::RBrace if levels.len() > 1 => {
                total -= levels.pop().unwrap_or(0);
            }
            _ => {
                total += 1;
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
            }
        }
        if total > MAX_CHAIN {
            return Err("it nests too deep, or chains too much without a comma");
        }
    }
    Ok(())
}
