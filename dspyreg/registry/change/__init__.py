"""Operations that append an entry, one module per verb."""
